/** A label that would like to be shown, beside what it names. */
export interface Wish {
  readonly key: string;
  /** Middle of what it names, in pixels. */
  readonly x: number;
  readonly y: number;
  /** How far from the middle the label begins. */
  readonly away: number;
  readonly width: number;
  readonly height: number;
  /** Sides that it may take, the best one first; all but the middle unless told otherwise. */
  readonly sides?: readonly Side[];
}

export interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

export const SIDES = ["right", "left", "above", "below"] as const;
export type Side = (typeof SIDES)[number] | "middle";

export interface Placed extends Box {
  readonly key: string;
  readonly side: Side;
}

/** Space between two labels, and about the middle of what another one names. */
const GAP_PX = 3;

/**
 * Places labels so that none covers another, an obstacle, or leaves the view. The first wishes come
 * first; what finds no free side is left out. A label tries the side where it was `before` first,
 * so that it does not hop from one side to the other while the camera turns.
 */
export function layOut(
  wishes: readonly Wish[],
  view: { readonly width: number; readonly height: number },
  before: ReadonlyMap<string, Side>,
  obstacles: readonly Box[] = [],
): Placed[] {
  const taken: Box[] = [...obstacles];
  const placed: Placed[] = [];
  for (const wish of wishes) {
    if (wish.x < 0 || wish.y < 0 || wish.x > view.width || wish.y > view.height) continue;
    const last = before.get(wish.key);
    const offered: readonly Side[] = wish.sides ?? SIDES;
    const sides = last === undefined ? offered : [last, ...offered.filter((side) => side !== last)];
    for (const side of sides) {
      const box = beside(wish, side);
      if (!inside(box, view) || taken.some((other) => overlap(box, other))) continue;
      taken.push(box);
      placed.push({ ...box, key: wish.key, side });
      break;
    }
  }
  return placed;
}

function beside({ x, y, away, width, height }: Wish, side: Side): Box {
  const left = side === "right" ? x + away : side === "left" ? x - away - width : x - width / 2;
  const top = side === "below" ? y + away : side === "above" ? y - away - height : y - height / 2;
  return { left, top, width, height };
}

function inside(box: Box, view: { readonly width: number; readonly height: number }): boolean {
  if (box.left < 0 || box.top < 0) return false;
  return box.left + box.width <= view.width && box.top + box.height <= view.height;
}

function overlap(one: Box, other: Box): boolean {
  return (
    one.left < other.left + other.width + GAP_PX &&
    other.left < one.left + one.width + GAP_PX &&
    one.top < other.top + other.height + GAP_PX &&
    other.top < one.top + one.height + GAP_PX
  );
}
