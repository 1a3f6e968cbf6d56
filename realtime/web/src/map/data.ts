/** A place on the map; 98 of 100 songs lie within radius 1 of the origin. */
export type Point = readonly [x: number, y: number, z: number];

/** Where all songs are, column by column: row `i` of every array is one song. */
export interface MapData {
  /** Changes with every change of songs or places. */
  readonly version: string;
  readonly ids: Int32Array;
  /** Interleaved: x, y, z of row 0, then of row 1. */
  readonly xyz: Float32Array;
  /** Index into `genres`; `NO_GENRE` for none. */
  readonly genre: Uint16Array;
  /** The strongest tag's index into `tags`; `NO_TAG` for none. */
  readonly tag: Uint8Array;
  /** Index into `themes`; `NO_THEME` for none. */
  readonly theme: Uint8Array;
  readonly genres: readonly string[];
  readonly tags: readonly string[];
  readonly themes: readonly string[];
  /** Row of a song; -1 when it is not on this map. */
  indexOf(id: number): number;
}

export const NO_GENRE = 0xffff;
export const NO_TAG = 0xff;
export const NO_THEME = 0xff;

export type MapReading =
  | { readonly kind: "map"; readonly map: MapData }
  | { readonly kind: "bad"; readonly why: string };

/** `NWM1`, the first four bytes as a little-endian number. */
const MAGIC = 0x314d574e;
const HEADER_BYTES = 8; // magic, count
const BYTES_PER_SONG = 4 + 3 * 4 + 2 + 1 + 1; // id, place, genre, tag, theme

/**
 * Reads `/api/map` (parsed) and `/api/map.bin` together. The arrays are views into `bytes`, which
 * begin on their elements' size because the wider columns come first. What comes from the server
 * is checked once here, so that nobody behind this has to: lengths, finite places, known categories.
 */
export function readMap(about: unknown, bytes: ArrayBuffer): MapReading {
  const said = readAbout(about);
  if (said === null) return bad("its description has no version, genres, tags or themes");
  const count = countSongs(bytes);
  if (typeof count === "string") return bad(count);
  let at = HEADER_BYTES;
  const take = (size: number): number => (at += size * count) - size * count;
  const ids = new Int32Array(bytes, take(4), count);
  const xyz = new Float32Array(bytes, take(12), 3 * count);
  const genre = new Uint16Array(bytes, take(2), count);
  const tag = new Uint8Array(bytes, take(1), count);
  const theme = new Uint8Array(bytes, take(1), count);
  if (!xyz.every(Number.isFinite)) return bad("a place is not finite");
  if (!known(genre, said.genres, NO_GENRE)) return bad("a genre is out of range");
  if (!known(tag, said.tags, NO_TAG)) return bad("a tag is out of range");
  if (!known(theme, said.themes, NO_THEME)) return bad("a theme is out of range");
  const rows = new Map<number, number>();
  ids.forEach((id, row) => rows.set(id, row));
  if (rows.size !== count) return bad("a song comes twice");
  const indexOf = (id: number): number => rows.get(id) ?? -1;
  return { kind: "map", map: { ...said, ids, xyz, genre, tag, theme, indexOf } };
}

/** Where a song is; null when it is not on this map. */
export function placeOf(map: MapData, id: number): Point | null {
  const row = map.indexOf(id);
  return row < 0 ? null : placeAt(map, row);
}

/** Where the song of a row is. */
export function placeAt(map: MapData, row: number): Point {
  const { xyz } = map;
  return [xyz[3 * row] ?? 0, xyz[3 * row + 1] ?? 0, xyz[3 * row + 2] ?? 0];
}

function countSongs(bytes: ArrayBuffer): number | string {
  if (bytes.byteLength < HEADER_BYTES) return `${bytes.byteLength} bytes are too few for a header`;
  const header = new DataView(bytes, 0, HEADER_BYTES);
  if (header.getUint32(0, true) !== MAGIC) return "it does not begin with NWM1";
  const count = header.getUint32(4, true);
  const expected = HEADER_BYTES + BYTES_PER_SONG * count;
  if (bytes.byteLength === expected) return count;
  return `${bytes.byteLength} bytes came for ${count} songs, ${expected} were expected`;
}

type About = Pick<MapData, "version" | "genres" | "tags" | "themes">;

function readAbout(about: unknown): About | null {
  if (typeof about !== "object" || about === null) return null;
  const { version, genres, tags, themes } = about as Record<string, unknown>;
  if (typeof version !== "string") return null;
  if (!isTexts(genres) || !isTexts(tags) || !isTexts(themes)) return null;
  return { version, genres, tags, themes };
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((one) => typeof one === "string");
}

function known(column: Uint16Array | Uint8Array, names: readonly string[], none: number): boolean {
  return column.every((index) => index < names.length || index === none);
}

function bad(why: string): MapReading {
  return { kind: "bad", why };
}
