// Runs in the audio thread, in a file of its own: hands on what it hears, mixed to one channel.

/** Samples handed on at once: 43 ms at 48 kHz. A message for each 128 would be four hundred a second. */
const BATCH = 2048;

interface Processor {
  readonly port: MessagePort;
  process(inputs: Float32Array[][]): boolean;
}

declare const AudioWorkletProcessor: new () => { readonly port: MessagePort };
declare function registerProcessor(name: string, processor: new () => Processor): void;

class Tap extends AudioWorkletProcessor implements Processor {
  #batch = new Float32Array(BATCH);
  #filled = 0;

  process(inputs: Float32Array[][]): boolean {
    const channels = inputs[0] ?? [];
    const length = channels[0]?.length ?? 0;
    for (let at = 0; at < length; at += 1) {
      let sum = 0;
      for (const channel of channels) sum += channel[at] ?? 0;
      this.#batch[this.#filled] = sum / channels.length;
      this.#filled += 1;
      if (this.#filled === BATCH) this.#hand();
    }
    return true;
  }

  #hand(): void {
    const batch = this.#batch;
    this.#batch = new Float32Array(BATCH);
    this.#filled = 0;
    this.port.postMessage(batch, [batch.buffer]);
  }
}

registerProcessor("tap", Tap);
