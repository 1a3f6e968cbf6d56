/** What the server takes, in hertz. */
export const RATE_HZ = 16_000;

/** Samples of one frame: a tenth of a second. */
export const FRAME = 1600;

const FULL_SCALE = 32_768;

/** Samples of 16 bits, full scale at ±1; louder ones are clipped. */
export function toInt16(samples: Float32Array): Int16Array<ArrayBuffer> {
  return Int16Array.from(samples, (one) => Math.max(-FULL_SCALE, Math.min(FULL_SCALE - 1, Math.round(one * FULL_SCALE))));
}

/** Cuts a signal that comes in pieces into frames of `FRAME` samples. */
export class Framer {
  #rest = new Float32Array(0);

  /** The frames that the next piece completes. */
  push(samples: Float32Array): Int16Array<ArrayBuffer>[] {
    const all = new Float32Array(this.#rest.length + samples.length);
    all.set(this.#rest);
    all.set(samples, this.#rest.length);
    const frames: Int16Array<ArrayBuffer>[] = [];
    let at = 0;
    for (; at + FRAME <= all.length; at += FRAME) frames.push(toInt16(all.subarray(at, at + FRAME)));
    this.#rest = all.slice(at);
    return frames;
  }
}
