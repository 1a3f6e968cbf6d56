// Draws public/icon-*.png: the mark of public/favicon.svg, in the sizes that systems ask of an app.
//
//     node scripts/icons.mjs
import { writeFile } from "node:fs/promises";
import { crc32, deflateSync } from "node:zlib";

const GROUND = [13, 25, 27];
/** Bars of the mark in a field of 32: middle, top, bottom, colour. */
const BARS = [
  [8, 13, 19, [44, 143, 138]],
  [13.3, 9, 23, [111, 185, 127]],
  [18.6, 6.5, 25.5, [214, 230, 122]],
  [24, 14, 18, [246, 242, 196]],
];
const FIELD = 32;
const HALF_BAR = 1.3;
const CORNER = 9;
/** Points taken along each side of a pixel, so that edges are smooth. */
const FINE = 4;

/** Colour and opacity at a point of the field. `scale` shrinks the mark towards the middle. */
function at(x, y, { corner, scale }) {
  const inner = (value) => Math.min(Math.max(value, corner), FIELD - corner);
  if (Math.hypot(x - inner(x), y - inner(y)) > corner) return null;
  const [u, v] = [x, y].map((value) => (value - FIELD / 2) / scale + FIELD / 2);
  for (const [middle, top, bottom, colour] of BARS) {
    if (Math.hypot(u - middle, v - Math.min(Math.max(v, top), bottom)) <= HALF_BAR) return colour;
  }
  return GROUND;
}

/** Rows of RGBA pixels, each behind the byte that names its filter: none. */
function pixels(size, shape) {
  const rows = Buffer.alloc(size * (size * 4 + 1));
  for (let row = 0; row < size; row++) {
    for (let column = 0; column < size; column++) {
      rows.set(pixel(row, column, size, shape), row * (size * 4 + 1) + 1 + column * 4);
    }
  }
  return rows;
}

function pixel(row, column, size, shape) {
  const total = [0, 0, 0];
  let covered = 0;
  for (let part = 0; part < FINE * FINE; part++) {
    const [dx, dy] = [(part % FINE) + 0.5, Math.floor(part / FINE) + 0.5];
    const colour = at(((column + dx / FINE) * FIELD) / size, ((row + dy / FINE) * FIELD) / size, shape);
    if (colour === null) continue;
    covered += 1;
    colour.forEach((value, index) => (total[index] += value));
  }
  if (covered === 0) return [0, 0, 0, 0];
  return [...total.map((value) => Math.round(value / covered)), Math.round((255 * covered) / FINE ** 2)];
}

/** A chunk of a PNG file: length, type, content, checksum (PNG specification, section 5.3). */
function chunk(type, content) {
  const body = Buffer.concat([Buffer.from(type, "latin1"), content]);
  const frame = Buffer.alloc(8);
  frame.writeUInt32BE(content.length, 0);
  frame.writeUInt32BE(crc32(body), 4);
  return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
}

function png(size, shape) {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(size, 0);
  header.writeUInt32BE(size, 4);
  header.set([8, 6, 0, 0, 0], 8); // eight bits a channel, RGBA, no interlacing
  return Buffer.concat([
    Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]),
    chunk("IHDR", header),
    chunk("IDAT", deflateSync(pixels(size, shape), { level: 9 })),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

const ROUNDED = { corner: CORNER, scale: 1 };
/** Systems cut their own shape out: the mark stays in the inner four fifths. */
const MASKABLE = { corner: 0, scale: 0.8 };

for (const [name, size, shape] of [
  ["icon-192", 192, ROUNDED],
  ["icon-512", 512, ROUNDED],
  ["icon-maskable-512", 512, MASKABLE],
]) {
  await writeFile(new URL(`../public/${name}.png`, import.meta.url), png(size, shape));
}
