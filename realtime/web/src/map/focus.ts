import { placeOf, type MapData, type Point } from "./data";
import type { Heard } from "./heard";

/** Why a song stands out. */
export type Role = "selected" | "named" | "nearest" | "ranked";

/** A song that stands out from the cloud. */
export interface Standout {
  readonly song: number;
  readonly place: Point;
  readonly role: Role;
}

export interface Interest {
  readonly selected: number | null;
  /** The selected song's nearest, most similar first. */
  readonly nearest: readonly number[];
  readonly heard: Heard;
}

/** Songs that stand out, the most important first; each once, with its most important role. */
export function standouts(map: MapData, { selected, nearest, heard }: Interest): Standout[] {
  const found = new Map<number, Standout>();
  const add = (song: number | null, role: Role): void => {
    const place = song === null ? null : placeOf(map, song);
    if (song !== null && place !== null && !found.has(song)) found.set(song, { song, place, role });
  };
  add(selected, "selected");
  add(heard.named, "named");
  for (const song of nearest) add(song, "nearest");
  for (const song of heard.ranked) add(song, "ranked");
  return [...found.values()];
}

/** Places of these songs that are on the map, in their order. */
export function placesOf(map: MapData, songs: readonly number[]): Point[] {
  return songs.map((song) => placeOf(map, song)).filter((place) => place !== null);
}
