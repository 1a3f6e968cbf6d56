import { describe, expect, it } from "vitest";
import { CATEGORY_COLOURS, categoryColour, OTHERS, OTHERS_COLOUR } from "../src/explore/palette";
import { categorize, choices, nameOfRow } from "../src/map/categories";
import { NO_GENRE, placeOf, readMap } from "../src/map/data";
import { BRIGHT, DARK, DIM, shine } from "../src/map/light";
import { regionsOf } from "../src/map/regions";
import { ABOUT, anywhere, dice, mapBytes, mapOf } from "./map-fixtures";

describe("readMap", () => {
  const songs = [
    { id: 12, place: [0.5, -1, 2] as const, genre: 2, tag: 1 },
    { id: -3, place: [0, 0.25, 0] as const },
  ];

  it("reads every column", () => {
    const map = mapOf(songs);
    expect([...map.ids]).toEqual([12, -3]);
    expect([...map.xyz]).toEqual([0.5, -1, 2, 0, 0.25, 0]);
    expect([...map.genre]).toEqual([2, NO_GENRE]);
    expect([...map.tag]).toEqual([1, 0xff]);
    expect([...map.theme]).toEqual([0xff, 0xff]);
    expect([map.indexOf(12), map.indexOf(-3), map.indexOf(4)]).toEqual([0, 1, -1]);
    expect(placeOf(map, -3)).toEqual([0, 0.25, 0]);
    expect(placeOf(map, 4)).toBeNull();
    expect(map.version).toBe("v1");
  });

  it("reads a map without songs", () => {
    expect(mapOf([]).ids.length).toBe(0);
  });

  const broken: [string, unknown, ArrayBuffer, RegExp][] = [
    ["too short", ABOUT, new ArrayBuffer(5), /5 bytes/],
    ["something else", ABOUT, new TextEncoder().encode("<!doctype html>…").buffer as ArrayBuffer, /NWM1/],
    ["cut off", ABOUT, mapBytes(songs).slice(0, -1), /47 bytes came for 2 songs, 48 were expected/],
    ["a place that is no number", ABOUT, mapBytes([{ id: 1, place: [Number.NaN, 0, 0] }]), /finite/],
    ["an endless place", ABOUT, mapBytes([{ id: 1, place: [0, Infinity, 0] }]), /finite/],
    ["an unknown genre", ABOUT, mapBytes([{ id: 1, place: [0, 0, 0], genre: 3 }]), /genre/],
    ["an unknown tag", ABOUT, mapBytes([{ id: 1, place: [0, 0, 0], tag: 2 }]), /tag/],
    ["an unknown theme", ABOUT, mapBytes([{ id: 1, place: [0, 0, 0], theme: 0 }]), /theme/],
    ["a song twice", ABOUT, mapBytes([songs[0]!, songs[0]!]), /twice/],
    ["no description", null, mapBytes(songs), /description/],
    ["a description of another kind", { ...ABOUT, genres: [1] }, mapBytes(songs), /description/],
  ];
  it.each(broken)("refuses %s", (_, about, bytes, why) => {
    const reading = readMap(about, bytes);
    expect(reading.kind === "bad" ? reading.why : "a map").toMatch(why);
  });
});

describe("categories", () => {
  it("are sorted by their size, with the rest as others", () => {
    const genres = Array.from({ length: 14 }, (_, index) => `genre ${index}`);
    const songs = genres.flatMap((_, genre) =>
      Array.from({ length: genre + 1 }, (_, one) => ({ id: 100 * genre + one, place: [0, 0, 0] as const, genre })),
    );
    const map = mapOf([...songs, { id: 9999, place: [0, 0, 0] }], { ...ABOUT, genres, tags: [] });
    const { legend, lineOf } = categorize(map, "genre");
    expect(legend.map(({ key, songs }) => [key, songs])).toEqual([
      ...Array.from({ length: 10 }, (_, rank) => [`genre ${13 - rank}`, 14 - rank]),
      [OTHERS, 4 + 3 + 2 + 1 + 1],
    ]);
    expect(legend.map((one) => one.rank)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, -1]);
    map.ids.forEach((id, row) => {
      const name = nameOfRow(map, "genre", row) ?? OTHERS;
      const line = legend[lineOf[row]!]!;
      expect(line.key, String(id)).toBe(legend.some((one) => one.key === name) ? name : OTHERS);
    });
    expect(legend.reduce((sum, one) => sum + one.songs, 0)).toBe(map.ids.length);
  });

  it("leaves out what no song has, and counts a genre that is called others with the others", () => {
    const map = mapOf([{ id: 1, place: [0, 0, 0], genre: 0 }], { ...ABOUT, genres: [OTHERS, "rock"] });
    expect(categorize(map, "genre").legend).toEqual([{ key: OTHERS, rank: -1, songs: 1 }]);
    expect(categorize(mapOf([]), "genre").legend).toEqual([]);
  });

  it("offers only what there is", () => {
    expect(choices(mapOf(anywhere(5, 1)))).toEqual(["genre", "tag"]);
    expect(choices(mapOf([{ id: 1, place: [0, 0, 0] }]))).toEqual([]);
  });
});

describe("regions", () => {
  const roll = dice(8);
  const near = (place: readonly number[]) => place.map((one) => one + 0.2 * (roll() - 0.5)) as [number, number, number];
  const cluster = (first: number, songs: number, genre: number, place: readonly number[]) =>
    Array.from({ length: songs }, (_, at) => ({ id: first + at, place: near(place), genre }));

  it("lie where most songs of a category are", () => {
    const middles = [[0.7, 0, 0], [-0.5, 0.4, 0.3]];
    const map = mapOf([
      ...cluster(0, 300, 0, middles[0]!),
      ...cluster(1000, 60, 0, [-0.6, -0.6, 0]), // a smaller part elsewhere
      ...cluster(2000, 100, 1, middles[1]!),
      ...Array.from({ length: 400 }, (_, at) => ({ id: 3000 + at, place: [2 * roll() - 1, 2 * roll() - 1, 2 * roll() - 1] as const, genre: 2 })),
      { id: 9999, place: [0, 0, 0] },
    ]);
    const found = regionsOf(map, categorize(map, "genre"));
    expect(found.map((one) => one.key)).toEqual(["rock", "jazz"]); // folk is everywhere
    found.forEach(({ place }, at) => {
      expect(Math.hypot(...place.map((one, axis) => one - middles[at]![axis]!))).toBeLessThan(0.05);
    });
  });

  it("are not made of a few songs, or of none", () => {
    const few = mapOf(cluster(0, 4, 0, [0, 0, 0]));
    expect(regionsOf(few, categorize(few, "genre"))).toEqual([]);
    expect(regionsOf(mapOf([]), categorize(mapOf([]), "genre"))).toEqual([]);
  });
});

describe("shine", () => {
  const map = mapOf([0, 1, 2, 0].map((genre, row) => ({ id: row, place: [0, 0, 0] as const, genre })));
  const sorted = categorize(map, "genre");
  const lit = (hidden: string[], scores: number[] | null, least: number | null) => {
    const light = new Uint8Array(4);
    shine(light, sorted, new Set(hidden), { scores: scores && Float32Array.from(scores), least });
    return [...light];
  };

  it("hides categories and dims what is farther than wanted", () => {
    expect(lit([], null, null)).toEqual([BRIGHT, BRIGHT, BRIGHT, BRIGHT]);
    expect(lit(["rock"], null, null)).toEqual([DARK, BRIGHT, BRIGHT, DARK]);
    expect(lit(["jazz"], [0.9, 0.9, 0.1, 0.5], 0.5)).toEqual([BRIGHT, DARK, DIM, BRIGHT]);
    expect(lit([], [0.9, 0.9, 0.1, 0.5], null)).toEqual([BRIGHT, BRIGHT, BRIGHT, BRIGHT]);
    expect(lit(["no such"], null, 0.5)).toEqual([BRIGHT, BRIGHT, BRIGHT, BRIGHT]);
  });

  it("takes no scores of another map", () => {
    expect(lit([], [0, 0, 0], 0.5)).toEqual([BRIGHT, BRIGHT, BRIGHT, BRIGHT]);
  });
});

describe("palette", () => {
  const EYES = {
    usual: [1, 0, 0, 0, 1, 0, 0, 0, 1],
    protan: [0.152286, 1.052583, -0.204868, 0.114503, 0.786281, 0.099216, -0.003882, -0.048116, 1.051998],
    deutan: [0.367322, 0.860646, -0.227968, 0.280085, 0.672501, 0.047413, -0.01182, 0.04294, 0.968881],
    tritan: [1.255528, -0.076749, -0.178779, -0.078411, 0.930809, 0.147602, 0.004733, 0.691367, 0.3039],
  };
  const GROUND = { night: "#0b1518", day: "#f1f4ed" } as const;
  const linear = (hex: string) =>
    [1, 3, 5].map((at) => {
      const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
      return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
    });
  const times = (matrix: number[], [a, b, c]: number[]) =>
    [0, 3, 6].map((at) => matrix[at]! * a! + matrix[at + 1]! * b! + matrix[at + 2]! * c!);
  const oklab = (rgb: number[]) => {
    const cones = times(
      [0.4122214708, 0.5363325363, 0.0514459929, 0.2119034982, 0.6806995451, 0.1073969566, 0.0883024619, 0.2817188376, 0.6299787005],
      rgb.map((one) => Math.max(0, one)),
    ).map(Math.cbrt);
    return times([0.2104542553, 0.793617785, -0.0040720468, 1.9779984951, -2.428592205, 0.4505937099, 0.0259040371, 0.7827717662, -0.808675766], cones);
  };
  const luminance = (hex: string) => times([0.2126, 0.7152, 0.0722, 0, 0, 0, 0, 0, 0], linear(hex))[0]!;

  describe.each(["night", "day"] as const)("by %s", (theme) => {
    it.each(Object.entries(EYES))("is told apart by %s eyes", (_, eyes) => {
      const seen = [...CATEGORY_COLOURS[theme], OTHERS_COLOUR[theme]].map((hex) => oklab(times(eyes, linear(hex))));
      seen.forEach((one, at) => {
        for (const other of seen.slice(at + 1)) {
          expect(Math.hypot(...one.map((value, axis) => value - other[axis]!))).toBeGreaterThan(0.085);
        }
      });
    });

    it("stands out from the page", () => {
      for (const hex of CATEGORY_COLOURS[theme]) {
        const [one, other] = [luminance(hex), luminance(GROUND[theme])];
        expect((Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05)).toBeGreaterThanOrEqual(3);
      }
    });

    it("has a grey for all others", () => {
      expect([-1, 10].map((rank) => categoryColour(rank, theme))).toEqual([OTHERS_COLOUR[theme], OTHERS_COLOUR[theme]]);
    });
  });
});
