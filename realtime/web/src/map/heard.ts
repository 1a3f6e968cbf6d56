import type { Moment } from "../explore/types";
import type { Match, Place, Similar } from "../protocol/types";
import type { Point } from "./data";

/** The songs that the sound leads to, of now or of a moment that is replayed. */
export interface Heard {
  /** The ranked songs, most similar first. */
  readonly ranked: readonly number[];
  /** The song that was named. */
  readonly named: number | null;
}

/** What is heard now. In silence the last ranking is no longer of now. */
export function heardNow(similar: Similar | null, match: Match | null, silent: boolean): Heard {
  const named = match?.state === "identified" ? (match.song?.song ?? null) : null;
  return { named, ranked: silent ? [] : (similar?.songs.map((one) => one.song) ?? []) };
}

/** What was heard then. */
export function heardThen(moment: Moment): Heard {
  return { named: moment.song, ranked: moment.similar.map((one) => one.song) };
}

/** Where the sound is; null: nowhere. */
export function placeNow(place: Place | null): Point | null {
  return pointOf(place?.xyz ?? null);
}

/** A place from a message: the schema's check lets a list of other things through. */
function pointOf(xyz: readonly unknown[] | null): Point | null {
  const [x, y, z] = xyz ?? [];
  return Number.isFinite(x) && Number.isFinite(y) && Number.isFinite(z) ? ([x, y, z] as Point) : null;
}
