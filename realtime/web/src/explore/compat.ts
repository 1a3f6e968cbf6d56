import { computed, signal } from "@preact/signals";
import type { Api } from "./api";
import type { Answer, Compat, ExportFormat, Liked } from "./types";

export type Side = "a" | "b";
export type Comparing = ReturnType<typeof createCompat>;

/** A list that was chosen, and where it is from: `FILE`, or a key of the view's own. */
export interface Chosen {
  readonly key: string;
  readonly list: Liked;
}

export const FILE = "file";

/** Characters of a list's file; the server takes two lists in one request of 2 MiB. */
const LONGEST_TEXT = 900_000;

const ENDINGS: Readonly<Record<string, ExportFormat>> = { m3u: "m3u8", m3u8: "m3u8", csv: "csv", json: "json" };

/** The kind of a list's file by its name; null when it is none. */
export function listFormat(name: string): ExportFormat | null {
  return ENDINGS[/\.([^.]+)$/.exec(name)?.[1]?.toLowerCase() ?? ""] ?? null;
}

/** Two lists, and how well they go together: asked anew when one of them is another. */
export function createCompat(api: Api) {
  const lists = { a: signal<Chosen | null>(null), b: signal<Chosen | null>(null) };
  const answer = signal<Answer<Compat> | null>(null);
  const busy = signal(false);
  const trouble = signal<string | null>(null);
  let turn = 0;

  async function put(side: Side, chosen: Chosen | null): Promise<void> {
    lists[side].value = chosen;
    trouble.value = answer.value = null;
    const [a, b] = [lists.a.value, lists.b.value];
    const mine = ++turn;
    busy.value = a !== null && b !== null;
    if (a === null || b === null) return;
    const found = await api.compat(a.list, b.list);
    if (mine !== turn) return;
    answer.value = found;
    busy.value = false;
  }

  /** A file for a side; without one for that which is still empty. */
  async function take(file: File, side?: Side): Promise<void> {
    const format = listFormat(file.name);
    if (format === null) return refuse(`${file.name} is no list; expected M3U, CSV or JSON.`);
    if (file.size > LONGEST_TEXT) return refuse(`${file.name} is too long for a list.`);
    const text = await file.text();
    await put(side ?? (lists.a.value === null ? "a" : "b"), { key: FILE, list: { name: file.name, text, format } });
  }

  function refuse(why: string): void {
    trouble.value = why;
  }

  return {
    lists,
    busy,
    put,
    take,
    found: computed(() => (answer.value?.kind === "ok" ? answer.value.value : null)),
    trouble: computed(() => trouble.value ?? (answer.value === null || answer.value.kind === "ok" ? null : answer.value.why)),
  };
}
