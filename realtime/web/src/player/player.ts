import { signal, type Signal } from "@preact/signals";
import { sameServer } from "../connection/addresses";
import type { MatchedSong } from "../protocol/types";

export type Phase = "loading" | "playing" | "paused" | "failed";

/** The one song in the player. */
export interface Playing {
  readonly song: MatchedSong;
  readonly phase: Phase;
  readonly positionS: number;
  readonly durationS: number;
}

/** A song to play, or a part of it. */
export interface Part {
  readonly song: MatchedSong;
  /** Where it begins in the song, in seconds; 0 when not given. */
  readonly fromS?: number;
  /** Where it ends; at the song's end when not given. */
  readonly untilS?: number;
}

/** Plays one song at a time from its address on the server. */
export class Player {
  readonly now: Signal<Playing | null> = signal(null);
  /** What is played after the present part. */
  readonly queue: Signal<readonly Part[]> = signal([]);
  readonly #audio: HTMLAudioElement;
  readonly #page: string;
  #untilS = Infinity;

  constructor(page: string, audio: HTMLAudioElement = new Audio()) {
    this.#page = page;
    this.#audio = audio;
    audio.preload = "none";
    audio.addEventListener("playing", () => this.#set({ phase: "playing" }));
    audio.addEventListener("waiting", () => this.#set({ phase: "loading" }));
    audio.addEventListener("pause", () => this.#whenNotFailed({ phase: "paused" }));
    audio.addEventListener("ended", () => this.next());
    audio.addEventListener("error", () => this.#set({ phase: "failed" }));
    audio.addEventListener("timeupdate", () => this.#moved(audio.currentTime));
    audio.addEventListener("durationchange", () => {
      if (Number.isFinite(audio.duration)) this.#set({ durationS: audio.duration });
    });
  }

  /** Plays `song`; pauses or goes on when it is the one in the player. */
  toggle(song: MatchedSong): void {
    const now = this.now.value;
    if (now?.song.song !== song.song || now.phase === "failed") return this.play([{ song }]);
    if (now.phase === "paused") void this.#play();
    else this.#audio.pause();
  }

  /** Plays these one after the other, in place of what was there. */
  play(parts: readonly Part[]): void {
    this.queue.value = parts;
    this.next();
  }

  /** Goes on to the next part; stops after the last. */
  next(): void {
    const [part, ...rest] = this.queue.value;
    if (part === undefined) return this.stop();
    this.queue.value = rest;
    this.#start(part);
  }

  /** Moves to `positionS` within the song, which is then played to its end. */
  seek(positionS: number): void {
    this.#untilS = Infinity;
    this.#audio.currentTime = positionS;
    this.#set({ positionS });
  }

  stop(): void {
    this.now.value = null;
    this.queue.value = [];
    this.#audio.pause();
    this.#audio.removeAttribute("src");
  }

  #start({ song, fromS = 0, untilS = Infinity }: Part): void {
    this.#untilS = untilS;
    this.now.value = { song, phase: "loading", positionS: fromS, durationS: song.duration_s };
    const address = sameServer(song.audio, this.#page);
    if (address === null) return this.#set({ phase: "failed" });
    this.#audio.src = address;
    if (fromS > 0) this.#audio.currentTime = fromS; // kept until the file's head has come
    void this.#play();
  }

  async #play(): Promise<void> {
    const wanted = this.now.value?.song.song;
    try {
      await this.#audio.play();
    } catch (error) {
      // AbortError: another song was chosen meanwhile, or this one was stopped.
      const aborted = error instanceof DOMException && error.name === "AbortError";
      if (aborted || this.now.value?.song.song !== wanted) return;
      // NotAllowedError: this browser wants a click on the player itself.
      const refused = error instanceof DOMException && error.name === "NotAllowedError";
      this.#set({ phase: refused ? "paused" : "failed" });
    }
  }

  #moved(positionS: number): void {
    if (this.now.value === null) return;
    if (positionS >= this.#untilS) return this.next();
    this.#set({ positionS });
  }

  #set(change: Partial<Playing>): void {
    const now = this.now.value;
    if (now !== null) this.now.value = { ...now, ...change };
  }

  #whenNotFailed(change: Partial<Playing>): void {
    if (this.now.value?.phase !== "failed") this.#set(change);
  }
}
