import type { Categories } from "./categories";
import type { MapData, Point } from "./data";

/** Where most songs of a category are. */
export interface Region {
  readonly key: string;
  readonly place: Point;
}

/** Edge of the cells in which songs are counted, and radius of a region, in the map's unit. */
const CELL = 0.22;
const RADIUS = 0.3;
/** A category with fewer songs there, or a smaller part of them, is at no place in particular. */
const LEAST_SONGS = 6;
const LEAST_PART = 0.15;

/**
 * The regions of a map, the largest category first: the middle of the songs about the fullest cell,
 * which is a step of mean shift (Fukunaga and Hostetler, 1975) from there.
 */
export function regionsOf(map: MapData, { legend, lineOf }: Categories): Region[] {
  const fullest = legend.map(() => ({ songs: 0, row: -1 }));
  const counts = new Map<string, number>();
  for (let row = 0; row < lineOf.length; row++) {
    const cell = `${lineOf[row]}:${at(map, row, 0)}:${at(map, row, 1)}:${at(map, row, 2)}`;
    const songs = (counts.get(cell) ?? 0) + 1;
    counts.set(cell, songs);
    const best = fullest[lineOf[row]!]!;
    if (songs > best.songs) Object.assign(best, { songs, row });
  }
  return legend.flatMap(({ key, rank, songs }, line) => {
    const near = rank < 0 ? null : about(map, lineOf, line, fullest[line]!.row);
    if (near === null || near.songs < Math.max(LEAST_SONGS, LEAST_PART * songs)) return [];
    return [{ key, place: near.place }];
  });
}

function at({ xyz }: MapData, row: number, axis: number): number {
  return Math.floor(xyz[3 * row + axis]! / CELL);
}

/** Middle and number of the category's songs within the radius about the cell of `seed`. */
function about({ xyz, ...map }: MapData, lineOf: Uint8Array, line: number, seed: number) {
  const [x, y, z] = [0, 1, 2].map((axis) => (at({ xyz, ...map }, seed, axis) + 0.5) * CELL);
  const sum = [0, 0, 0];
  let songs = 0;
  for (let row = 0; row < lineOf.length; row++) {
    if (lineOf[row] !== line) continue;
    const [px, py, pz] = [xyz[3 * row]!, xyz[3 * row + 1]!, xyz[3 * row + 2]!];
    if (Math.hypot(px - x!, py - y!, pz - z!) > RADIUS) continue;
    songs++;
    sum[0]! += px;
    sum[1]! += py;
    sum[2]! += pz;
  }
  if (songs === 0) return null;
  return { songs, place: sum.map((one) => one / songs) as unknown as Point };
}
