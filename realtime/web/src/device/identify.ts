import { signal } from "@preact/signals";
import { sameServer } from "../connection/addresses";
import type { Point } from "../map/data";
import type { MatchedSong, RankedSong } from "../protocol/types";

/** What the server says of a file; `position` and `rate` as in a `match` message. */
export interface Identified {
  readonly file: string;
  readonly duration_s: number;
  /** Null when no song of the catalog is sure enough. */
  readonly match: (MatchedSong & { readonly position: number; readonly rate: number; readonly confidence: number }) | null;
  readonly similar: readonly RankedSong[];
  /** Its place on the map; null without one. */
  readonly xyz: Point | null;
}

export type DropState =
  | { readonly kind: "idle" }
  | { readonly kind: "working"; readonly file: string }
  | { readonly kind: "done"; readonly found: Identified }
  | { readonly kind: "failed"; readonly file: string; readonly why: string };

export type Drop = ReturnType<typeof createDrop>;

/** Names files by asking the server; the newest wins. `page` is the page's address. */
export function createDrop(fetch: typeof globalThis.fetch, page: string) {
  const state = signal<DropState>({ kind: "idle" });
  let asking: AbortController | null = null;

  function stop(): void {
    asking?.abort();
    asking = null;
    state.value = { kind: "idle" };
  }

  async function take(file: File): Promise<void> {
    stop();
    const mine = (asking = new AbortController());
    state.value = { kind: "working", file: file.name };
    const after = await ask(file, mine.signal);
    if (asking === mine) state.value = after;
  }

  async function ask(file: File, signal: AbortSignal): Promise<DropState> {
    const failed = (why: string): DropState => ({ kind: "failed", file: file.name, why });
    const address = sameServer(`api/identify?${new URLSearchParams({ name: file.name })}`, page);
    if (address === null) return failed("The server has no place for files.");
    try {
      // First, since a browser that is refused while it still sends says only that sending failed.
      const limits = await read<{ max_bytes: number }>(await fetch(address, { signal }));
      if (typeof limits === "string") return failed(limits);
      if (file.size > limits.max_bytes) {
        return failed(`It has ${megabytes(file.size)}; up to ${megabytes(limits.max_bytes)} are taken.`);
      }
      const answer = await fetch(address, { method: "POST", body: file, signal });
      const found = await read<Identified>(answer);
      return typeof found === "string" ? failed(found) : { kind: "done", found };
    } catch {
      return failed("The server cannot be reached.");
    }
  }

  return { state, take, dismiss: stop };
}

/** The answer, or what is wrong, in words. */
async function read<T>(response: Response): Promise<T | string> {
  try {
    const body = (await response.json()) as T & { error?: unknown };
    if (response.ok) return body;
    if (typeof body.error === "string") return body.error;
  } catch {
    // No JSON: the status says all there is.
  }
  return `The server answered ${response.status}.`;
}

/**
 * Size in words, such as `12.4 MB`.
 */
function megabytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(1)} MB`;
}
