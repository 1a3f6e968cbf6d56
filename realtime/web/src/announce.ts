import type { RankedSong } from "./protocol/types";

/** A ranking must stand this long before it is read out. */
const SETTLED_MS = 3_000;

/** Shortest time between two announcements. */
const APART_MS = 20_000;

const SPOKEN = 3;

/** What a screen reader is told about the ranking, seldom enough to be heard out. */
export class Announcer {
  #pending: { text: string; sinceMs: number } | null = null;
  #spoken = "";
  #spokenMs = -Infinity;

  /** Takes the ranking at `nowMs`; returns the sentence to read out, or null for none. */
  take(songs: readonly RankedSong[], nowMs: number): string | null {
    const text = sentence(songs);
    if (text === this.#spoken) {
      this.#pending = null;
      return null;
    }
    if (this.#pending?.text !== text) this.#pending = { text, sinceMs: nowMs };
    const settled = nowMs - this.#pending.sinceMs >= SETTLED_MS;
    if (text === "" || !settled || nowMs - this.#spokenMs < APART_MS) return null;
    this.#pending = null;
    this.#spoken = text;
    this.#spokenMs = nowMs;
    return text;
  }
}

function sentence(songs: readonly RankedSong[]): string {
  const names = songs.slice(0, SPOKEN).map((one) => (one.artist ? `${one.title} by ${one.artist}` : one.title));
  return names.length === 0 ? "" : `Most similar: ${names.join("; ")}.`;
}
