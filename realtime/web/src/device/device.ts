import { signal } from "@preact/signals";
import { Link, type Connection } from "../connection/link";
import { creditIn } from "../protocol/read";
import type { Capture, From, Heard } from "./capture";
import { Framer, RATE_HZ } from "./pcm";
import { Resampler } from "./resample";
import { Sender } from "./sender";
import { NEEDS_TLS, refusal, type Refusal } from "./words";

export type DeviceState =
  | { readonly kind: "off" }
  | { readonly kind: "asking"; readonly from: From }
  | { readonly kind: "listening"; readonly from: From; readonly name: string }
  /** The sound is there, the server is not: it is looked for again. */
  | { readonly kind: "lost"; readonly from: From; readonly name: string }
  | { readonly kind: "refused"; readonly from: From; readonly refusal: Refusal };

/** Who else is heard when no device listens. */
export interface Daemon {
  hush(): void;
  resume(): void;
}

export interface DeviceOptions {
  /** Address of the websocket for devices. */
  address: string;
  onText: (text: string) => void;
  onConnection: (connection: Connection) => void;
  daemon: Daemon;
  open: (from: From, heard: Heard) => Promise<Capture>;
  /** Whether the browser lends its microphone to this page at all. */
  secure: boolean;
}

export type Device = ReturnType<typeof createDevice>;

const NAME_LENGTH = 80;
const DROPPED_EVERY_MS = 1000;

/** Listens with this device: its sound goes to the server, and what that hears is the page's. */
export function createDevice(options: DeviceOptions) {
  const state = signal<DeviceState>({ kind: "off" });
  /** Seconds of sound that the server or the way to it was too slow for. */
  const droppedS = signal(0);
  /** Raised by every start and stop: what an older one still brings is not wanted. */
  let turn = 0;
  let end: () => void = () => undefined;

  async function start(from: From): Promise<void> {
    stop();
    const mine = ++turn;
    if (!options.secure) return refuse(from, NEEDS_TLS);
    state.value = { kind: "asking", from };
    let push: (samples: Float32Array) => void = () => undefined;
    const heard: Heard = {
      onSamples: (samples) => push(samples),
      onEnded: () => {
        if (mine === turn) stop();
      },
    };
    try {
      const capture = await options.open(from, heard);
      if (mine !== turn) return capture.close();
      push = listen(from, capture, mine);
    } catch (error) {
      if (mine === turn) refuse(from, refusal(error, from));
    }
  }

  /** Sends what is captured until `stop`; gives back what takes the samples. */
  function listen(from: From, capture: Capture, mine: number): (samples: Float32Array) => void {
    const name = capture.name.trim().slice(0, NAME_LENGTH) || "this browser";
    const resampler = new Resampler(Math.round(capture.rateHz), RATE_HZ);
    const framer = new Framer();
    let sender: Sender | null = null;
    const link = new Link({
      address: options.address,
      onOpen: (socket) => {
        sender = new Sender(socket, name);
      },
      onText: (text) => {
        const credit = creditIn(text);
        if (credit === null) options.onText(text);
        else sender?.grant(credit);
      },
      onChange: (connection) => {
        if (connection.state === "lost") sender = null;
        state.value = { kind: connection.state === "lost" ? "lost" : "listening", from, name };
        options.onConnection(connection);
      },
      onClose: (code, reason) => {
        const why = refusal({ code, reason }, from);
        if (why === null || mine !== turn) return false;
        refuse(from, why);
        return true;
      },
    });
    const timer = setInterval(() => {
      droppedS.value = (sender?.dropped ?? 0) / RATE_HZ;
    }, DROPPED_EVERY_MS);
    end = () => {
      clearInterval(timer);
      sender = null; // sound that was on its way here must not go to a socket that closes
      link.close();
      capture.close();
      options.daemon.resume();
    };
    droppedS.value = 0;
    options.daemon.hush();
    link.open();
    again = () => link.open();
    return (samples) => {
      for (const frame of framer.push(resampler.push(samples))) sender?.push(frame);
    };
  }

  let again: () => void = () => undefined;

  function refuse(from: From, why: Refusal | null): void {
    stop();
    if (why !== null) state.value = { kind: "refused", from, refusal: why };
  }

  /** Ends it, whatever it was at, and lets the daemon be heard again. */
  function stop(): void {
    turn += 1;
    const ending = end;
    end = again = () => undefined;
    state.value = { kind: "off" };
    ending();
  }

  return {
    state,
    droppedS,
    start,
    stop,
    /** Looks for the server at once; false when no device listens. */
    retry: (): boolean => {
      const listens = state.peek().kind === "lost" || state.peek().kind === "listening";
      if (listens) again();
      return listens;
    },
  };
}
