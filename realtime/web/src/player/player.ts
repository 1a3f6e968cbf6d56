import { signal, type Signal } from "@preact/signals";
import { sameServer } from "../connection/addresses";
import type { RankedSong } from "../protocol/types";

export type Phase = "loading" | "playing" | "paused" | "failed";

/** The one song in the player. */
export interface Playing {
  readonly song: RankedSong;
  readonly phase: Phase;
  readonly positionS: number;
  readonly durationS: number;
}

/** Plays one song at a time from its address on the server. */
export class Player {
  readonly now: Signal<Playing | null> = signal(null);
  readonly #audio: HTMLAudioElement;
  readonly #page: string;

  constructor(page: string, audio: HTMLAudioElement = new Audio()) {
    this.#page = page;
    this.#audio = audio;
    audio.preload = "none";
    audio.addEventListener("playing", () => this.#set({ phase: "playing" }));
    audio.addEventListener("waiting", () => this.#set({ phase: "loading" }));
    audio.addEventListener("pause", () => this.#whenNotFailed({ phase: "paused" }));
    audio.addEventListener("ended", () => this.stop());
    audio.addEventListener("error", () => this.#set({ phase: "failed" }));
    audio.addEventListener("timeupdate", () => this.#set({ positionS: audio.currentTime }));
    audio.addEventListener("durationchange", () => {
      if (Number.isFinite(audio.duration)) this.#set({ durationS: audio.duration });
    });
  }

  /** Plays `song`; pauses or goes on when it is the one in the player. */
  toggle(song: RankedSong): void {
    const now = this.now.value;
    if (now?.song.song !== song.song || now.phase === "failed") return this.#start(song);
    if (now.phase === "paused") void this.#play();
    else this.#audio.pause();
  }

  /** Moves to `positionS` within the song. */
  seek(positionS: number): void {
    this.#audio.currentTime = positionS;
    this.#set({ positionS });
  }

  stop(): void {
    this.now.value = null;
    this.#audio.pause();
    this.#audio.removeAttribute("src");
  }

  #start(song: RankedSong): void {
    this.now.value = { song, phase: "loading", positionS: 0, durationS: song.duration_s };
    const address = sameServer(song.audio, this.#page);
    if (address === null) return this.#set({ phase: "failed" });
    this.#audio.src = address;
    void this.#play();
  }

  async #play(): Promise<void> {
    const wanted = this.now.value?.song.song;
    try {
      await this.#audio.play();
    } catch (error) {
      // AbortError: another song was chosen meanwhile, or this one was stopped.
      const aborted = error instanceof DOMException && error.name === "AbortError";
      if (!aborted && this.now.value?.song.song === wanted) this.#set({ phase: "failed" });
    }
  }

  #set(change: Partial<Playing>): void {
    const now = this.now.value;
    if (now !== null) this.now.value = { ...now, ...change };
  }

  #whenNotFailed(change: Partial<Playing>): void {
    if (this.now.value?.phase !== "failed") this.#set(change);
  }
}
