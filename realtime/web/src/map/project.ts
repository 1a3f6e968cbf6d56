import type { Point } from "./data";

/** From places on the map to pixels of a view. */
export interface Lens {
  /** Projection by view, 4 by 4, column by column, as three.js keeps it. */
  readonly matrix: ArrayLike<number>;
  readonly width: number;
  readonly height: number;
}

export interface Seen {
  /** Pixels from the view's left and top edge. */
  x: number;
  y: number;
  /** Distance in front of the camera. */
  depth: number;
}

/** Nearer to the camera than this nothing is drawn. */
export const NEAR = 0.02;

/**
 * Writes where a place is seen to `seen`; it may lie outside the view. False: it is behind the
 * camera. It writes to what it is given because some hundreds of places move with every frame.
 */
export function project(lens: Lens, place: Point, seen: Seen): boolean {
  const m = lens.matrix;
  const [x, y, z] = place;
  const depth = m[3]! * x + m[7]! * y + m[11]! * z + m[15]!;
  if (!(depth > NEAR)) return false;
  const right = (m[0]! * x + m[4]! * y + m[8]! * z + m[12]!) / depth;
  const up = (m[1]! * x + m[5]! * y + m[9]! * z + m[13]!) / depth;
  seen.x = (0.5 + 0.5 * right) * lens.width;
  seen.y = (0.5 - 0.5 * up) * lens.height;
  seen.depth = depth;
  return true;
}

/** How much of a thing's colour is lost to the distance: 0 in front, up to `HAZE` far behind. */
export function haze(depth: number, distance: number): number {
  const far = Math.min(1, Math.max(0, (depth - distance + HAZE_FROM) / (HAZE_FROM + HAZE_TO)));
  return HAZE * far;
}

/** Where haze begins in front of the camera's target, and is full behind it, in the map's unit. */
export const HAZE_FROM = 0.9;
export const HAZE_TO = 1.5;
export const HAZE = 0.72;

/** How large a point is drawn: `px = diameter * perUnit / depth`, within bounds. */
export interface PointSize {
  /** In the map's own unit. */
  readonly diameter: number;
  /** Pixels of one unit at depth 1. */
  readonly perUnit: number;
}

export const SMALLEST_PX = 2;
export const LARGEST_PX = 46;

/** Diameter in the map's unit: few songs are drawn large, many small. */
export function pointDiameter(songs: number): number {
  const [base, atSongs, largest] = [0.018, 10_000, 0.036];
  return Math.min(largest, base * Math.cbrt(atSongs / Math.max(1, songs)));
}

/** Diameter in pixels. The shader of the points says the same. */
export function pointPx(size: PointSize, depth: number): number {
  return Math.min(LARGEST_PX, Math.max(SMALLEST_PX, (size.diameter * size.perUnit) / depth));
}
