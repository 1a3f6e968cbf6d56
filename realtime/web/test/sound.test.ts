import { describe, expect, it } from "vitest";
import { columnWidth, follow } from "../src/sound/painter";
import { colourTable, columnPixels } from "../src/sound/palette";
import { fill, nextPeak, peakAt } from "../src/sound/peak";
import { BANDS, columnAt, Ring } from "../src/sound/ring";

const bands = (value: number) => new Array<number>(BANDS).fill(value);

describe("Ring", () => {
  it("finds a column from the sound's own time", () => {
    expect([0, 0.05, 0.1, 0.3, 12.34].map(columnAt)).toEqual([0, 0, 1, 3, 123]);
  });

  it("puts every message into its column", () => {
    const ring = new Ring(20);
    expect(ring.put(1, bands(1))).toEqual({ reset: true, from: 10, to: 10 });
    expect(ring.put(1.1, bands(2))).toEqual({ reset: false, from: 11, to: 11 });
    expect(ring.put(1.15, bands(3))).toEqual({ reset: false, from: 11, to: 11 });
    expect([10, 11].map((column) => ring.column(column)[0])).toEqual([1, 3]);
  });

  it("bridges a short hole and leaves a long one dark", () => {
    const ring = new Ring(40);
    ring.put(0, bands(1));
    expect(ring.put(0.6, bands(2))).toEqual({ reset: false, from: 1, to: 6 });
    expect(ring.column(3)[0]).toBe(2);
    expect(ring.put(1.6, bands(3))).toEqual({ reset: false, from: 7, to: 16 });
    expect([7, 15, 16].map((column) => ring.column(column)[0])).toEqual([0, 0, 3]);
  });

  it("begins anew when time runs back or has leapt", () => {
    const ring = new Ring(20);
    ring.put(9, bands(1));
    expect(ring.put(0, bands(2)).reset).toBe(true);
    expect(ring.column(90)[0]).toBe(0);
    expect(ring.put(2, bands(3)).reset).toBe(true);
  });
});

describe("columnPixels", () => {
  it("draws the highest band at the top, in the table's colours", () => {
    const table = colourTable("night");
    const column = bands(0);
    column[0] = 255;
    const pixels = columnPixels(column, table);
    expect(pixels).toHaveLength(BANDS * 4);
    expect([...pixels.slice(-4)]).toEqual([255, 250, 226, 255]);
    expect([...pixels.slice(0, 4)]).toEqual([11, 21, 24, 0]);
  });

  it.each(["day", "night"] as const)("runs evenly from dark to light or back by %s", (theme) => {
    const table = colourTable(theme);
    const light = Array.from({ length: 256 }, (_, value) =>
      [0, 1, 2].reduce((sum, part) => sum + (table[value * 4 + part] ?? 0), 0),
    );
    const ordered = light.toSorted((one, other) => (theme === "night" ? one - other : other - one));
    expect(light).toEqual(ordered);
  });
});

describe("follow", () => {
  it("runs at the sound's pace, never ahead", () => {
    expect(follow(10, 11, 0.05)).toBeCloseTo(10.5);
    expect(follow(10.9, 11, 1)).toBe(11);
  });

  it("catches up when behind and jumps when far off", () => {
    expect(follow(10, 15, 0.05)).toBeGreaterThan(10.5);
    expect(follow(10, 200, 0.05)).toBe(200);
    expect(follow(10, 3, 0.05)).toBe(3);
  });

  it("draws wider columns on wider screens", () => {
    expect([360, 1280, 1920].map(columnWidth)).toEqual([3, 4, 5]);
  });
});

describe("peak", () => {
  it("holds, then falls, and yields to a higher one", () => {
    const peak = nextPeak(null, -6, 10);
    expect(peakAt(peak, 11.5)).toBe(-6);
    expect(peakAt(peak, 12.5)).toBe(-24);
    expect(nextPeak(peak, -20, 11)).toBe(peak);
    expect(nextPeak(peak, -20, 12.5)).toEqual({ db: -20, atS: 12.5 });
    expect(nextPeak(peak, -40, 0)).toEqual({ db: -40, atS: 0 });
  });

  it("fills the scale from -60 to 0 dBFS", () => {
    expect([-120, -60, -30, 0, 3].map(fill)).toEqual([0, 0, 0.5, 1, 1]);
  });
});
