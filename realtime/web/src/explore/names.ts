import { signal } from "@preact/signals";
import { MOST_IDS, type Api } from "./api";
import type { SongRow } from "./types";

export interface SongName {
  readonly title: string;
  readonly artist: string | null;
  readonly genre: string | null;
}

/** Names kept; beyond them the oldest go. */
const MOST_KEPT = 20_000;

/** Songs' names by id, asked for when first wanted, many at once and one request at a time. */
export class Names {
  readonly #api: Pick<Api, "songs">;
  readonly #kept = new Map<number, SongName | null>();
  readonly #wanted = new Set<number>();
  readonly #change = signal(0);
  #asking = false;

  constructor(api: Pick<Api, "songs">) {
    this.#api = api;
  }

  /** Takes in songs that came on another way. */
  put(songs: Iterable<SongRow>): void {
    for (const { song, title, artist, genre } of songs) this.#keep(song, { title, artist, genre });
    this.#change.value += 1;
  }

  want(ids: Iterable<number>): void {
    for (const id of ids) if (!this.#kept.has(id)) this.#wanted.add(id);
    if (this.#wanted.size > 0 && !this.#asking) void this.#ask();
  }

  /** Its name when known; whoever reads it in an effect runs again when more names are. */
  of(id: number): SongName | null {
    this.#change.value;
    return this.#kept.get(id) ?? null;
  }

  async #ask(): Promise<void> {
    this.#asking = true;
    await Promise.resolve(); // all that one turn wants goes into one request
    while (this.#wanted.size > 0) {
      const ids = [...this.#wanted].slice(0, MOST_IDS);
      for (const id of ids) this.#wanted.delete(id);
      const answer = await this.#api.songs({ ids, limit: MOST_IDS });
      if (answer.kind !== "ok") break; // asked for again when wanted again
      for (const id of ids) this.#keep(id, null); // one that is not among the answers is gone
      this.put(answer.value.songs);
    }
    this.#wanted.clear();
    this.#asking = false;
  }

  #keep(id: number, name: SongName | null): void {
    this.#kept.delete(id);
    this.#kept.set(id, name);
    if (this.#kept.size <= MOST_KEPT) return;
    const oldest = this.#kept.keys().next().value;
    if (oldest !== undefined) this.#kept.delete(oldest);
  }
}
