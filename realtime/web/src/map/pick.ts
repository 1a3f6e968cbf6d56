import { NEAR, pointPx, type Lens, type PointSize } from "./project";

/** What can be picked: the places, and how brightly each song shines (0: not at all). */
export interface Pickable {
  readonly xyz: Float32Array;
  readonly light: Uint8Array;
  readonly size: PointSize;
}

/** A song that is dimmed is picked only where none shines. */
export const SHINES = 128;

/**
 * Row of the song under a pointer at `x`, `y` pixels; -1 when there is none within `reach` pixels
 * of a point's edge. Of points that hold the pointer the one in front is meant, else the nearest.
 *
 * One pass over all songs, most of which one or two comparisons turn away: 100,000 take less than
 * a millisecond, so a structure that would have to follow every turn of the camera has no use.
 */
export function pick(songs: Pickable, lens: Lens, x: number, y: number, reach: number): number {
  const { xyz, light, size } = songs;
  const m = lens.matrix;
  const [m0, m4, m8, m12] = [m[0]!, m[4]!, m[8]!, m[12]!];
  const [m1, m5, m9, m13] = [m[1]!, m[5]!, m[9]!, m[13]!];
  const [m3, m7, m11, m15] = [m[3]!, m[7]!, m[11]!, m[15]!];
  const [halfWidth, halfHeight] = [lens.width / 2, lens.height / 2];
  let found = -1;
  let least = Infinity;
  for (let row = 0, at = 0; row < light.length; row++, at += 3) {
    if (light[row] === 0) continue;
    const px = xyz[at]!;
    const py = xyz[at + 1]!;
    const pz = xyz[at + 2]!;
    const depth = m3 * px + m7 * py + m11 * pz + m15;
    if (!(depth > NEAR)) continue;
    const radius = pointPx(size, depth) / 2;
    const within = radius + reach;
    const dx = ((m0 * px + m4 * py + m8 * pz + m12) / depth + 1) * halfWidth - x;
    if (dx > within || dx < -within) continue;
    const dy = (1 - (m1 * px + m5 * py + m9 * pz + m13) / depth) * halfHeight - y;
    if (dy > within || dy < -within) continue;
    const outside = Math.max(0, Math.hypot(dx, dy) - radius);
    if (outside > reach) continue;
    const worse = cost(outside, depth, light[row]! >= SHINES);
    if (worse >= least) continue;
    least = worse;
    found = row;
  }
  return found;
}

/** Any pixel outside counts for more than all depth, and being dim for more than any pixel. */
function cost(outside: number, depth: number, shines: boolean): number {
  return depth + outside * 1e3 + (shines ? 0 : 1e6);
}

/** Rows of the `most` shining songs in view that are nearest to the camera, nearest first. */
export function nearestInView(songs: Pickable, lens: Lens, most: number): number[] {
  const { xyz, light } = songs;
  const m = lens.matrix;
  const rows: number[] = [];
  const depths: number[] = [];
  for (let row = 0, at = 0; row < light.length && most > 0; row++, at += 3) {
    if (light[row]! < SHINES) continue;
    const [px, py, pz] = [xyz[at]!, xyz[at + 1]!, xyz[at + 2]!];
    const depth = m[3]! * px + m[7]! * py + m[11]! * pz + m[15]!;
    if (!(depth > NEAR) || (rows.length === most && depth >= depths[most - 1]!)) continue;
    if (Math.abs(m[0]! * px + m[4]! * py + m[8]! * pz + m[12]!) > depth) continue;
    if (Math.abs(m[1]! * px + m[5]! * py + m[9]! * pz + m[13]!) > depth) continue;
    let place = depths.length;
    while (place > 0 && depths[place - 1]! > depth) place--;
    rows.splice(place, 0, row);
    depths.splice(place, 0, depth);
    if (rows.length > most) {
      rows.pop();
      depths.pop();
    }
  }
  return rows;
}
