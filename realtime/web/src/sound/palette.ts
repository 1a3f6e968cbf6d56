import { BANDS } from "./ring";

export type Theme = "day" | "night";

type Stop = readonly [at: number, red: number, green: number, blue: number];

/** By night the sound glows on deep water; by day it is ink on paper. */
const STOPS: Record<Theme, readonly Stop[]> = {
  night: [
    [0, 11, 21, 24],
    [0.16, 11, 21, 24],
    [0.34, 14, 52, 66],
    [0.52, 22, 112, 118],
    [0.67, 104, 184, 128],
    [0.8, 220, 230, 122],
    [1, 255, 250, 226],
  ],
  day: [
    [0, 241, 244, 237],
    [0.16, 241, 244, 237],
    [0.36, 205, 224, 213],
    [0.54, 120, 178, 166],
    [0.7, 28, 116, 118],
    [0.84, 15, 62, 76],
    [1, 7, 22, 30],
  ],
};

/** Colours of all 256 band values as RGBA bytes, straight lines between the stops. */
export function colourTable(theme: Theme): Uint8ClampedArray {
  const table = new Uint8ClampedArray(256 * 4);
  for (let value = 0; value < 256; value++) table.set(colour(STOPS[theme], value / 255), value * 4);
  return table;
}

function colour(stops: readonly Stop[], at: number): number[] {
  const above = Math.max(1, stops.findIndex((stop) => stop[0] >= at));
  const [low, high] = [stops[above - 1], stops[above]];
  if (low === undefined || high === undefined) return [0, 0, 0, 0];
  const part = (at - low[0]) / (high[0] - low[0]);
  const mix = (one: number, other: number) => Math.round(one + (other - one) * part);
  return [mix(low[1], high[1]), mix(low[2], high[2]), mix(low[3], high[3]), opacity(at)];
}

/** Near silence the page itself shows through. */
function opacity(at: number): number {
  return Math.round(255 * Math.min(1, Math.max(0, (at - 0.06) / 0.14)));
}

/** RGBA bytes of one column, top pixel first: the highest band is drawn at the top. */
export function columnPixels(bands: ArrayLike<number>, table: Uint8ClampedArray) {
  const pixels = new Uint8ClampedArray(BANDS * 4); // (row, RGBA)
  for (let row = 0; row < BANDS; row++) {
    const value = bands[BANDS - 1 - row] ?? 0;
    pixels.set(table.subarray(value * 4, value * 4 + 4), row * 4);
  }
  return pixels;
}
