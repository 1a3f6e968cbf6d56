import { MOST_CATEGORIES, OTHERS } from "../explore/palette";
import type { ColourBy } from "../explore/types";
import { NO_GENRE, NO_TAG, NO_THEME, type MapData } from "./data";

/** One line of the legend. */
export interface Category {
  /** Its name, or `OTHERS`. */
  readonly key: string;
  /** Its place among the colours; -1 for the others. */
  readonly rank: number;
  readonly songs: number;
}

export interface Categories {
  /** The largest first, the others last; none is empty. */
  readonly legend: readonly Category[];
  /** Line of the legend that each row of the map belongs to. */
  readonly lineOf: Uint8Array;
}

/** Sorts all songs into at most ten categories and the others. */
export function categorize(map: MapData, by: ColourBy): Categories {
  const { column, names, none } = columnOf(map, by);
  const counts = new Array<number>(names.length).fill(0);
  for (const index of column) if (index !== none) counts[index]!++;
  const shown = names
    .map((name, index) => ({ name, index, songs: counts[index]! }))
    .filter((one) => one.songs > 0 && one.name !== OTHERS)
    .toSorted((one, other) => other.songs - one.songs || one.index - other.index)
    .slice(0, MOST_CATEGORIES);
  const legend: Category[] = shown.map(({ name, songs }, rank) => ({ key: name, rank, songs }));
  const rest = column.length - shown.reduce((sum, one) => sum + one.songs, 0);
  if (rest > 0) legend.push({ key: OTHERS, rank: -1, songs: rest });
  const lines = new Uint8Array(names.length).fill(shown.length);
  shown.forEach((one, line) => (lines[one.index] = line));
  const lineOf = Uint8Array.from(column, (index) => lines[index] ?? shown.length);
  return { legend, lineOf };
}

/** Songs that the legend leaves: what the server is asked for, and in words. */
export interface Chosen {
  readonly query: { readonly by: ColourBy; readonly only?: readonly string[]; readonly without?: readonly string[] };
  readonly words: string;
}

/** What is left when the lines `hidden` are filtered out; null: everything. */
export function chosenBy({ legend }: Categories, by: ColourBy, hidden: ReadonlySet<string>): Chosen | null {
  const lines = legend.map((line) => line.key);
  const off = lines.filter((key) => hidden.has(key));
  if (off.length === 0) return null;
  const left = lines.filter((key) => !hidden.has(key) && key !== OTHERS);
  // The others are whatever has no line of its own: only by leaving out can they be kept.
  if (hidden.has(OTHERS)) return { query: { by, only: left.length > 0 ? left : [""] }, words: `Filtered by ${by}: ${left.join(", ") || "none"}.` };
  return { query: { by, without: off }, words: `Filtered by ${by}: without ${off.join(", ")}.` };
}

/** What the songs of this map can be coloured by: that for which at least one has a category. */
export function choices(map: MapData): ColourBy[] {
  return (["genre", "tag", "theme"] as const).filter((by) => {
    const { column, names, none } = columnOf(map, by);
    return names.length > 0 && column.some((index: number) => index !== none);
  });
}

/** Name of a row's category; null when it has none. */
export function nameOfRow(map: MapData, by: ColourBy, row: number): string | null {
  const { column, names } = columnOf(map, by);
  return names[column[row] ?? names.length] ?? null;
}

function columnOf(map: MapData, by: ColourBy) {
  if (by === "genre") return { column: map.genre, names: map.genres, none: NO_GENRE };
  if (by === "tag") return { column: map.tag, names: map.tags, none: NO_TAG };
  return { column: map.theme, names: map.themes, none: NO_THEME };
}
