import type { Point } from "./data";

/** How long the trail of what was heard is. */
export const TRAIL_S = 180;
/** Steps shorter than this, in the map's unit, add nothing to the picture. */
const SHORTEST = 2e-3;
/** A longer silence than this is a hole in the trail. */
const HOLE_S = 6;

export interface Mark {
  readonly at_s: number;
  readonly place: Point;
  /** Whether a line leads here from the mark before. */
  readonly joined: boolean;
}

/** The places of the last minutes, oldest first. Time is the source's, so it stands still with it. */
export class Trail {
  #marks: Mark[] = [];
  #broken = true;
  #heard_s = 0;
  #now_s = 0;

  get marks(): readonly Mark[] {
    return this.#marks;
  }

  /** From 1 for what is heard now down to 0 for what leaves the trail. */
  strength(mark: Mark): number {
    return Math.max(0, 1 - (this.#now_s - mark.at_s) / TRAIL_S);
  }

  /** Hears where the sound is; `place` null: nowhere. A clock that runs back is another source's. */
  put(at_s: number, place: Point | null): void {
    if (at_s < this.#now_s) this.clear();
    this.#now_s = at_s;
    const first = this.#marks.findIndex((mark) => at_s - mark.at_s < TRAIL_S);
    this.#marks = first < 0 ? [] : this.#marks.slice(first);
    if (place === null) {
      this.#broken = true;
      return;
    }
    const last = this.#marks.at(-1);
    const joined = !this.#broken && last !== undefined && at_s - this.#heard_s <= HOLE_S;
    this.#broken = false;
    this.#heard_s = at_s;
    if (joined && last !== undefined && apart(last.place, place) < SHORTEST) return;
    this.#marks.push({ at_s, place, joined });
  }

  clear(): void {
    this.#marks = [];
    this.#broken = true;
    this.#now_s = 0;
  }
}

function apart(one: Point, other: Point): number {
  return Math.hypot(one[0] - other[0], one[1] - other[1], one[2] - other[2]);
}
