import type { Moment } from "../explore/types";
import type { Point } from "./data";

/** One place of the evening's path. */
export interface Stop {
  readonly at: number;
  readonly place: Point;
  /** Whether the path leads here from the stop before. */
  readonly joined: boolean;
}

/** Places nearer to the last stop than this make no stop of their own, in the map's unit. */
const NEAR_STOP = 0.02;
/** More stops than this are thinned out further: a day of sound has some 17,000 moments. */
const MOST_STOPS = 2500;

/** The evening as a path, in the order of time, without what no eye sees. */
export function pathOf(evening: readonly Moment[]): Stop[] {
  let near = NEAR_STOP;
  let stops = thinned(evening, near);
  while (stops.length > MOST_STOPS && near < 1) stops = thinned(evening, (near *= 1.5));
  return stops;
}

function thinned(evening: readonly Moment[], near: number): Stop[] {
  const stops: Stop[] = [];
  let joined = false;
  for (const { at, xyz } of evening) {
    const last = stops.at(-1);
    if (xyz === null) joined = false;
    else if (!joined || last === undefined || apart(last.place, xyz) >= near) {
      stops.push({ at, place: xyz, joined });
      joined = true;
    }
  }
  return stops;
}

function apart(one: Point, other: Point): number {
  return Math.hypot(one[0] - other[0], one[1] - other[1], one[2] - other[2]);
}
