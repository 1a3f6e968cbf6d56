import tap from "./tap.ts?worker&url";

/** Where a device's sound comes from. */
export type From = "microphone" | "tab";

/** Sound that is being taken; `close` lets go of it. */
export interface Capture {
  /** What the browser calls it. */
  readonly name: string;
  readonly rateHz: number;
  close(): void;
}

export interface Heard {
  onSamples: (samples: Float32Array) => void;
  /** It has ended from outside: unplugged, or the user has stopped to share. */
  onEnded: () => void;
}

/** Sound was shared without any audio in it. */
export class NoSoundError extends Error {
  override name = "NoSoundError";
}

/** Music as it is: what makes speech clearer takes music apart. */
const UNTOUCHED = { echoCancellation: false, noiseSuppression: false, autoGainControl: false } as const;

/**
 * Asks for the microphone, or for a shared tab, and hands its sound on: one channel, at `rateHz`.
 *
 * Rejects with what the browser says (a `DOMException`), or with `NoSoundError`.
 */
export async function openCapture(from: From, { onSamples, onEnded }: Heard): Promise<Capture> {
  const stream = await ask(from);
  const context = new AudioContext();
  const wake = (): void => void context.resume(); // a phone that was locked has stopped it
  document.addEventListener("visibilitychange", wake);
  const close = (): void => {
    document.removeEventListener("visibilitychange", wake);
    for (const track of stream.getTracks()) track.stop();
    void context.close();
  };
  try {
    const track = stream.getAudioTracks()[0];
    if (track === undefined) throw new NoSoundError("no sound is shared");
    track.addEventListener("ended", onEnded);
    await context.audioWorklet.addModule(tap);
    const node = new AudioWorkletNode(context, "tap", { numberOfInputs: 1, numberOfOutputs: 1 });
    node.port.onmessage = (event: MessageEvent<Float32Array>) => onSamples(event.data);
    context.createMediaStreamSource(stream).connect(node);
    node.connect(context.destination); // silent; without it some browsers never run the node
    await context.resume();
    return { name: track.label, rateHz: context.sampleRate, close };
  } catch (error) {
    close();
    throw error;
  }
}

function ask(from: From): Promise<MediaStream> {
  if (from === "microphone") return navigator.mediaDevices.getUserMedia({ audio: UNTOUCHED });
  // Browsers share no sound without a picture, which is not looked at.
  return navigator.mediaDevices.getDisplayMedia({ audio: UNTOUCHED, video: { frameRate: 1 } });
}
