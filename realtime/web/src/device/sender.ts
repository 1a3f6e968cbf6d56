import { RATE_HZ } from "./pcm";

/** Sound that waits for credit, in samples; beyond it the oldest is dropped. */
export const MOST_WAITING = 5 * RATE_HZ;

/** Where frames go: an open websocket. */
export interface Wire {
  send(data: string | ArrayBufferView<ArrayBuffer>): void;
}

/**
 * Sends frames as the server gives credit. What finds no room is dropped, the oldest first, and the
 * server is told of the hole, so that a slow server hears the newest sound, in its place.
 */
export class Sender {
  readonly #wire: Wire;
  readonly #waiting: Int16Array<ArrayBuffer>[] = [];
  #held = 0;
  #credit = 0;
  #hole = 0;
  /** Samples dropped so far. */
  dropped = 0;

  /** Begins: `name` is what people call the device. */
  constructor(wire: Wire, name: string) {
    this.#wire = wire;
    this.#say({ type: "begin", rate_hz: RATE_HZ, name });
  }

  push(frame: Int16Array<ArrayBuffer>): void {
    this.#waiting.push(frame);
    this.#held += frame.length;
    this.#send();
    while (this.#held > MOST_WAITING) this.#drop();
  }

  /** So many more samples may be sent. */
  grant(samples: number): void {
    this.#credit += samples;
    this.#send();
  }

  #send(): void {
    for (let frame = this.#waiting[0]; frame !== undefined && frame.length <= this.#credit; frame = this.#waiting[0]) {
      if (this.#hole > 0) this.#say({ type: "skip", samples: this.#hole });
      this.#hole = 0;
      this.#wire.send(frame);
      this.#credit -= frame.length;
      this.#held -= frame.length;
      this.#waiting.shift();
    }
  }

  #drop(): void {
    const samples = this.#waiting.shift()?.length ?? 0;
    this.#held -= samples;
    this.#hole += samples;
    this.dropped += samples;
  }

  #say(message: object): void {
    this.#wire.send(JSON.stringify({ v: 1, ...message }));
  }
}
