import { readMap, type MapData } from "../src/map/data";

/** Numbers from 0 to 1, the same in every run (mulberry32). */
export function dice(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export interface Song {
  readonly id: number;
  readonly place: readonly [number, number, number];
  readonly genre?: number;
  readonly tag?: number;
  readonly theme?: number;
}

export const ABOUT = { version: "v1", genres: ["rock", "jazz", "folk"], tags: ["loud", "calm"], themes: [] };

/** `/api/map.bin` for these songs, byte by byte. */
export function mapBytes(songs: readonly Song[]): ArrayBuffer {
  const count = songs.length;
  const bytes = new ArrayBuffer(8 + 20 * count);
  const view = new DataView(bytes);
  [..."NWM1"].forEach((letter, at) => view.setUint8(at, letter.charCodeAt(0)));
  view.setUint32(4, count, true);
  songs.forEach(({ id, place, genre = 0xffff, tag = 0xff, theme = 0xff }, row) => {
    view.setInt32(8 + 4 * row, id, true);
    place.forEach((one, axis) => view.setFloat32(8 + 4 * count + 12 * row + 4 * axis, one, true));
    view.setUint16(8 + 16 * count + 2 * row, genre, true);
    view.setUint8(8 + 18 * count + row, tag);
    view.setUint8(8 + 19 * count + row, theme);
  });
  return bytes;
}

export function mapOf(songs: readonly Song[], about: object = ABOUT): MapData {
  const reading = readMap(about, mapBytes(songs));
  if (reading.kind === "bad") throw new Error(reading.why);
  return reading.map;
}

/** Songs 1, 2, 3, … anywhere within the unit cube about the origin. */
export function anywhere(count: number, seed: number): Song[] {
  const roll = dice(seed);
  const within = () => 2 * roll() - 1;
  return Array.from({ length: count }, (_, row) => ({
    id: row + 1,
    place: [within(), within(), within()] as const,
    genre: Math.floor(roll() * 3),
    tag: Math.floor(roll() * 2),
  }));
}
