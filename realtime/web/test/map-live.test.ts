import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Moment } from "../src/explore/types";
import { captions, shortened } from "../src/map/captions";
import type { Point } from "../src/map/data";
import { placesOf, standouts } from "../src/map/focus";
import { Glide } from "../src/map/glide";
import { heardNow, heardThen, placeNow } from "../src/map/heard";
import { Loop } from "../src/map/loop";
import { pathOf } from "../src/map/path";
import { Trail, TRAIL_S } from "../src/map/trail";
import type { Match, Similar } from "../src/protocol/types";
import { dice, mapOf } from "./map-fixtures";

const FRAME_S = 1 / 60;
const moment = (at: number, xyz: Point | null): Moment => ({
  at,
  xyz,
  state: "unknown",
  song: null,
  title: null,
  artist: null,
  similar: [],
  tags: [],
});

describe("trail", () => {
  it("keeps the last minutes and forgets older ones", () => {
    const trail = new Trail();
    for (let at = 0; at <= 600; at += 0.5) trail.put(at, [at / 100, 0, 0]);
    expect(trail.marks[0]!.at_s).toBeGreaterThan(600 - TRAIL_S);
    expect(trail.marks.at(-1)!.at_s).toBe(600);
    expect(trail.marks.length).toBe(TRAIL_S * 2);
    expect(trail.strength(trail.marks.at(-1)!)).toBe(1);
    expect(trail.strength(trail.marks[0]!)).toBeLessThan(0.01);
  });

  it("has a hole where there was silence or nothing came", () => {
    const trail = new Trail();
    trail.put(1, [0, 0, 0]);
    trail.put(1.5, [0.1, 0, 0]);
    trail.put(2, null);
    trail.put(2.5, [0.2, 0, 0]);
    trail.put(60, [0.3, 0, 0]);
    expect(trail.marks.map((mark) => mark.joined)).toEqual([false, true, false, false]);
  });

  it("adds nothing while the sound stays, and goes on from there", () => {
    const trail = new Trail();
    for (let at = 0; at < 30; at += 0.5) trail.put(at, [0, 0, 0]);
    expect(trail.marks.length).toBe(1);
    trail.put(30, [0.1, 0, 0]);
    expect(trail.marks.at(-1)!.joined).toBe(true);
  });

  it("begins anew with another source's clock", () => {
    const trail = new Trail();
    trail.put(100, [0, 0, 0]);
    trail.put(3, [1, 0, 0]);
    expect(trail.marks).toEqual([{ at_s: 3, place: [1, 0, 0], joined: false }]);
  });
});

describe("glide", () => {
  const step = (glide: Glide, seconds: number) => {
    for (let at = 0; at < seconds; at += FRAME_S) glide.step(FRAME_S);
  };

  it("appears where the sound is and then glides", () => {
    const glide = new Glide();
    expect(glide.strength).toBe(0);
    glide.send([1, 2, 3]);
    expect(glide.place).toEqual([1, 2, 3]);
    step(glide, 1);
    expect(glide.strength).toBeGreaterThan(0.95);
    glide.send([2, 2, 3]);
    let before = 1;
    for (let frame = 0; frame < 300; frame++) {
      glide.step(FRAME_S);
      expect(glide.place[0] - before).toBeLessThan(0.03); // no jump
      expect(glide.place[0]).toBeGreaterThanOrEqual(before);
      before = glide.place[0];
    }
    expect(glide.place[0]).toBeCloseTo(2, 3);
    expect(glide.resting).toBe(true);
  });

  it("fades in silence, without going anywhere", () => {
    const glide = new Glide();
    glide.send([1, 1, 1]);
    glide.arrive();
    glide.send(null);
    step(glide, 3);
    expect(glide.place).toEqual([1, 1, 1]);
    expect(glide.strength).toBeLessThan(1e-3);
    glide.send([-1, 0, 0]);
    expect(glide.place).toEqual([-1, 0, 0]);
  });

  it("draws its trail behind itself", () => {
    const roll = dice(3);
    const glide = new Glide();
    for (let at = 0; at < 60; at += 0.5) {
      glide.mark(at);
      expect(glide.trail.marks.at(-1)?.place ?? glide.place).toEqual(glide.place);
      glide.send([roll(), roll(), roll()]);
      step(glide, 0.5);
    }
    expect(glide.trail.marks.length).toBe(119);
    glide.send(null);
    glide.mark(60);
    glide.send([0, 0, 0]);
    glide.mark(60.5);
    expect(glide.trail.marks.at(-1)!.joined).toBe(false);
  });
});

describe("path", () => {
  it("leads through the evening with holes where it was silent", () => {
    const path = pathOf([moment(0, [0, 0, 0]), moment(5, [0.5, 0, 0]), moment(10, null), moment(15, [0.9, 0, 0])]);
    expect(path).toEqual([
      { at: 0, place: [0, 0, 0], joined: false },
      { at: 5, place: [0.5, 0, 0], joined: true },
      { at: 15, place: [0.9, 0, 0], joined: false },
    ]);
    expect(pathOf([])).toEqual([]);
  });

  it("stays small however long the evening is", () => {
    const roll = dice(9);
    const evening = Array.from({ length: 17_280 }, (_, at) => moment(5 * at, [roll(), roll(), roll()]));
    const path = pathOf(evening);
    expect(path.length).toBeLessThanOrEqual(2500);
    expect(path.length).toBeGreaterThan(100);
    expect(pathOf(Array.from({ length: 100 }, (_, at) => moment(at, [0.5, 0, 0.001 * (at % 3)]))).length).toBe(1);
  });
});

describe("what is heard", () => {
  const similar = { songs: [{ song: 4 }, { song: 9 }] } as unknown as Similar;
  const match = (state: Match["state"], song: number | null) =>
    ({ state, song: song === null ? null : { song } }) as unknown as Match;

  it("is the ranking and the named song", () => {
    expect(heardNow(similar, match("identified", 7), false)).toEqual({ ranked: [4, 9], named: 7 });
    expect(heardNow(similar, match("unknown", null), false)).toEqual({ ranked: [4, 9], named: null });
    expect(heardNow(similar, match("silence", null), true)).toEqual({ ranked: [], named: null });
    expect(heardNow(null, null, false)).toEqual({ ranked: [], named: null });
  });

  it("was then what the evening's log says", () => {
    const then = { ...moment(5, [0, 0, 0]), song: 3, similar: [{ song: 8, title: "A", artist: null, score: 0.5 }] };
    expect(heardThen(then)).toEqual({ ranked: [8], named: 3 });
  });

  it("is nowhere when the place is no place", () => {
    const place = (xyz: unknown) => placeNow({ v: 1, type: "place", at_s: 1, xyz } as never);
    expect(place([1, 2, 3])).toEqual([1, 2, 3]);
    expect([place(null), place([1, 2]), place([1, "2", 3]), place([Infinity, 0, 0]), placeNow(null)]).toEqual([null, null, null, null, null]);
  });
});

describe("standouts", () => {
  const map = mapOf([1, 2, 3, 4, 5].map((id) => ({ id, place: [id / 10, 0, 0] as const })));

  it("come once each, with their most important role", () => {
    const heard = { named: 2, ranked: [1, 3, 4, 99] };
    const found = standouts(map, { selected: 1, nearest: [3, 2, 77], heard });
    expect(found.map(({ song, role }) => [song, role])).toEqual([[1, "selected"], [2, "named"], [3, "nearest"], [4, "ranked"]]);
    expect(found[1]!.place).toEqual([expect.closeTo(0.2), 0, 0]);
    expect(standouts(map, { selected: null, nearest: [], heard: { named: null, ranked: [] } })).toEqual([]);
    expect(placesOf(map, [5, 66]).length).toBe(1);
  });

  it("have labels once their names are known, before the songs near the camera", () => {
    const names = new Map([[1, "One"], [2, "Two"], [5, "Five"], [88, "Of the map before"]]);
    const nameOf = (song: number) => (names.has(song) ? { title: names.get(song)!, artist: song === 1 ? "A" : null } : null);
    const found = standouts(map, { selected: 2, nearest: [3], heard: { named: null, ranked: [] } });
    const said = captions(map, found, [1, 2, 5, 4, 88], nameOf);
    expect(said.map(({ key, title, artist, role }) => [key, title, artist, role])).toEqual([
      ["2", "Two", null, "selected"],
      ["1", "One", "A", "near"],
      ["5", "Five", null, "near"],
    ]);
  });

  it("leave room for the names of regions before the songs near the camera", () => {
    const nameOf = (song: number) => ({ title: `Song ${song}`, artist: null });
    const found = standouts(map, { selected: 2, nearest: [], heard: { named: null, ranked: [] } });
    const said = captions(map, found, [1], nameOf, [{ key: "jazz", place: [0, 0, 0] }]);
    expect(said.map(({ title, role }) => [title, role])).toEqual([["Song 2", "selected"], ["jazz", "region"], ["Song 1", "near"]]);
  });

  it("have labels of a bounded length", () => {
    expect(shortened("Short")).toBe("Short");
    expect(shortened("A title that is far too long to be a label on a map")).toBe("A title that is far too long to be…");
    expect(shortened("x".repeat(50))).toBe(`${"x".repeat(35)}…`);
    expect([...shortened("🎵".repeat(50))].length).toBe(36);
  });
});

describe("loop", () => {
  let due: FrameRequestCallback[] = [];
  const tick = (at: number) => {
    const now = due;
    due = [];
    for (const one of now) one(at);
  };

  beforeEach(() => {
    due = [];
    vi.stubGlobal("requestAnimationFrame", (run: FrameRequestCallback) => due.push(run));
    vi.stubGlobal("cancelAnimationFrame", () => (due = []));
  });
  afterEach(() => vi.unstubAllGlobals());

  it("draws only while something moves", () => {
    const drawn: number[] = [];
    let frames = 3;
    const loop = new Loop((seconds) => {
      drawn.push(seconds);
      return --frames > 0;
    });
    expect(due.length).toBe(0);
    loop.wake();
    loop.wake();
    expect(due.length).toBe(1);
    tick(1000);
    tick(1016);
    tick(1500);
    expect(due.length).toBe(0);
    expect(loop.resting).toBe(true);
    expect(drawn.map((one) => Math.round(one * 1000))).toEqual([17, 16, 100]); // a pause is no leap
    frames = 1;
    loop.wake();
    tick(90_000);
    expect(Math.round(drawn.at(-1)! * 1000)).toBe(17); // the first after a rest
  });

  it("draws nothing while nobody sees it, and all of it afterwards", () => {
    let drawn = 0;
    const loop = new Loop(() => (drawn++, false));
    loop.setSeen(false);
    loop.wake();
    expect(due.length).toBe(0);
    loop.setSeen(true);
    tick(1);
    expect(drawn).toBe(1);
    loop.setSeen(false);
    loop.setSeen(true);
    expect(due.length).toBe(0); // nothing was wanted
    loop.wake();
    loop.destroy();
    expect(due.length).toBe(0);
    loop.setSeen(true);
    expect(due.length).toBe(0);
  });

  it("goes on when what is drawn wakes it", () => {
    const loop: Loop = new Loop(() => (loop.wake(), false));
    loop.wake();
    tick(1);
    expect(due.length).toBe(1);
  });
});
