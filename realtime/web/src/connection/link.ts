import { waitMs } from "./backoff";

export type Connection =
  | { state: "connecting"; attempt: number }
  | { state: "live" }
  | { state: "lost"; attempt: number; retryAtMs: number };

export interface LinkOptions {
  address: string;
  onText: (text: string) => void;
  onChange: (connection: Connection) => void;
  /** Called with each socket that opens, before `onChange`. */
  onOpen?: (socket: WebSocket) => void;
  /** Called when the other end closes; true: do not try again. */
  onClose?: (code: number, reason: string) => boolean;
  /** Clock for `retryAtMs`, in milliseconds. */
  now?: () => number;
  random?: () => number;
}

const DEFAULTS = {
  now: () => performance.now(),
  random: Math.random,
  onOpen: () => undefined,
  onClose: () => false,
};

/** Keeps one websocket open: when it is lost, tries again after a growing, jittered wait. */
export class Link {
  readonly #options: Required<LinkOptions>;
  #socket: WebSocket | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #attempt = 0;

  constructor(options: LinkOptions) {
    this.#options = { ...DEFAULTS, ...options };
  }

  /** Opens the socket now, without waiting for the next turn. */
  open(): void {
    this.close();
    this.#options.onChange({ state: "connecting", attempt: this.#attempt });
    const socket = new WebSocket(this.#options.address);
    this.#socket = socket;
    socket.onopen = () => {
      this.#attempt = 0;
      this.#options.onOpen(socket);
      this.#options.onChange({ state: "live" });
    };
    socket.onmessage = (event: MessageEvent<unknown>) => {
      if (typeof event.data === "string") this.#options.onText(event.data);
    };
    socket.onclose = (event) => this.#lose(event);
  }

  /** Closes the socket and stays closed. */
  close(): void {
    clearTimeout(this.#timer);
    const socket = this.#socket;
    this.#socket = null;
    if (socket === null) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close();
  }

  #lose({ code, reason }: CloseEvent): void {
    this.#socket = null;
    if (this.#options.onClose(code, reason)) return;
    const wait = waitMs(this.#attempt, this.#options.random);
    this.#attempt += 1;
    this.#timer = setTimeout(() => this.open(), wait);
    const retryAtMs = this.#options.now() + wait;
    this.#options.onChange({ state: "lost", attempt: this.#attempt, retryAtMs });
  }
}
