import { PerspectiveCamera, Vector3 } from "three";
import { describe, expect, it } from "vitest";
import { placeAt } from "../src/map/data";
import { layOut, type Box, type Side, type Wish } from "../src/map/labels";
import { BRIGHT, DIM } from "../src/map/light";
import { nearestInView, pick, SHINES } from "../src/map/pick";
import { haze, LARGEST_PX, NEAR, pointDiameter, pointPx, project, SMALLEST_PX, type Lens } from "../src/map/project";
import { Rig, VIEW_ANGLE_DEG } from "../src/map/rig";
import { Springs } from "../src/map/spring";
import { anywhere, dice, mapOf } from "./map-fixtures";

const [WIDTH, HEIGHT] = [800, 600];

/** Three's own camera, as the reference. */
function cameraOf(rig: Rig): PerspectiveCamera {
  const camera = new PerspectiveCamera(VIEW_ANGLE_DEG, WIDTH / HEIGHT, NEAR, 40);
  const { target, position } = rig.state();
  camera.position.set(...position);
  camera.lookAt(...target);
  camera.updateMatrixWorld();
  return camera;
}

function lensOf(rig: Rig): Lens {
  const camera = cameraOf(rig);
  const matrix = camera.projectionMatrix.clone().multiply(camera.matrixWorldInverse).elements;
  return { matrix, width: WIDTH, height: HEIGHT };
}

describe("springs", () => {
  it("move alike at every frame rate", () => {
    const roll = dice(1);
    for (let run = 0; run < 50; run++) {
      const [one, many] = [new Springs([roll(), roll()]), new Springs([0, 0])];
      many.value.set(one.value);
      const rate = 1 + 20 * roll();
      for (let leg = 0; leg < 3; leg++) {
        const goal = [4 * roll() - 2, 4 * roll() - 2];
        one.goal.set(goal);
        many.goal.set(goal);
        one.step(0.3, rate);
        const cuts = Array.from({ length: 6 }, roll);
        const whole = cuts.reduce((sum, cut) => sum + cut, 0);
        for (const cut of cuts) many.step((0.3 * cut) / whole, rate);
        one.value.forEach((value, at) => expect(many.value[at]).toBeCloseTo(value, 9));
      }
    }
  });

  it("come to their goal and never beyond it from rest", () => {
    const springs = new Springs([0]);
    springs.goal[0] = 1;
    let before = 0;
    for (let frame = 0; frame < 600; frame++) {
      springs.step(1 / 60, 4);
      expect(springs.value[0]).toBeGreaterThanOrEqual(before);
      expect(springs.value[0]).toBeLessThanOrEqual(1);
      before = springs.value[0]!;
    }
    expect(springs.resting(1e-6)).toBe(true);
  });

  it("follow the formula", () => {
    const springs = new Springs([2]);
    springs.goal[0] = 0;
    springs.step(0.5, 3);
    expect(springs.value[0]).toBeCloseTo(2 * (1 + 1.5) * Math.exp(-1.5), 12);
    springs.arrive();
    expect([springs.value[0], springs.resting(0)]).toEqual([0, true]);
  });
});

describe("rig", () => {
  const settled = (rig: Rig) => {
    for (let frame = 0; frame < 1200; frame++) rig.step(1 / 60);
    return rig.state();
  };

  it("begins where it is told, within bounds", () => {
    const start = { target: [0.1, -0.2, 0.3], position: [0.6, 0.4, 1.1] } as const;
    const { target, position } = new Rig(start, 1.5).state();
    [...target, ...position].forEach((one, at) => expect(one).toBeCloseTo([...start.target, ...start.position][at]!, 9));
    const far = new Rig({ target: [900, 0, 0], position: [0, 0, 1e9] }, 1.5).state();
    expect(Math.hypot(...far.target)).toBeLessThan(2);
    expect(Math.hypot(...far.position)).toBeLessThan(12);
    const odd = new Rig({ target: [0, 0, 0], position: [0, 0, 0] }, 1.5);
    expect(odd.state()).toEqual(new Rig(null, 1.5).state());
    const broken = new Rig({ target: [Number.NaN, 0, 0], position: [0, 0, 1] }, 1.5);
    expect(broken.state()).toEqual(new Rig(null, 1.5).state());
  });

  it("stays within bounds whatever hands do", () => {
    const roll = dice(4);
    const rig = new Rig(null, 1.4);
    for (let act = 0; act < 3000; act++) {
      const [dx, dy] = [2 * roll() - 1, 2 * roll() - 1];
      const kind = roll();
      if (kind < 0.3) rig.turn(dx, dy);
      else if (kind < 0.6) rig.pan(dx, dy);
      else if (kind < 0.9) rig.zoom(Math.exp(3 * dx), dy, dx);
      else rig.visit([dx, dy, dx], 10 ** (5 * roll()));
      rig.step(roll() / 10);
      const { target, position } = rig.state();
      expect([...target, ...position].every(Number.isFinite)).toBe(true);
      expect(rig.distance).toBeGreaterThan(0.1);
      expect(rig.distance).toBeLessThan(10);
      expect(Math.hypot(...target)).toBeLessThan(2);
    }
  });

  it("keeps in place what lies under the pointer while it zooms", () => {
    const roll = dice(5);
    for (let run = 0; run < 100; run++) {
      const rig = new Rig(null, WIDTH / HEIGHT);
      rig.turn(roll(), roll() - 0.5);
      rig.arrive();
      const { target, position } = rig.state();
      const camera = cameraOf(rig);
      // What the pointer points at, on the plane through the target.
      const [x, y] = [(roll() - 0.5) * 1.2, (roll() - 0.5) * 0.9];
      const sideways = new Vector3().setFromMatrixColumn(camera.matrixWorld, 0).multiplyScalar(x * rig.viewHeight);
      const upwards = new Vector3().setFromMatrixColumn(camera.matrixWorld, 1).multiplyScalar(y * rig.viewHeight);
      const under = new Vector3(...target).add(sideways).add(upwards);
      const before = under.clone().project(cameraOf(rig));
      rig.zoom(1.2 + roll() * 2, x, y);
      rig.arrive();
      const after = under.clone().project(cameraOf(rig));
      if (Math.hypot(...rig.state().target) > 1.55) continue; // held back at the border
      expect(after.x).toBeCloseTo(before.x, 9);
      expect(after.y).toBeCloseTo(before.y, 9);
      expect(rig.state().position).not.toEqual(position);
    }
  });

  it("moves what is seen as far as the hand does", () => {
    const rig = new Rig(null, WIDTH / HEIGHT);
    const before = new Vector3(0, 0, 0).project(cameraOf(rig));
    rig.pan(0.1, 0.2);
    rig.arrive();
    const after = new Vector3(0, 0, 0).project(cameraOf(rig));
    expect(((after.x - before.x) * WIDTH) / 2 / HEIGHT).toBeCloseTo(0.1, 2);
    expect((before.y - after.y) / 2).toBeCloseTo(0.2, 1);
  });

  it("turns the scene with the hand, to the right and down", () => {
    const rig = new Rig(null, 1);
    const { position } = rig.state();
    const front = new Vector3(...position).multiplyScalar(0.3);
    rig.turn(0.03, 0.03);
    rig.arrive();
    const seen = front.clone().project(cameraOf(rig));
    expect(seen.x).toBeGreaterThan(0.01);
    expect(seen.y).toBeLessThan(-0.01);
  });

  it("goes on through the songs at the nearest", () => {
    const rig = new Rig({ target: [0, 0, 0.5], position: [0, 0, 1] }, 1);
    for (let step = 0; step < 30; step++) rig.zoom(1.3);
    rig.arrive();
    expect(rig.state().target[2]).toBeLessThan(0);
  });

  it("visits a song and comes home", () => {
    const rig = new Rig(null, 1.5);
    const home = rig.state();
    rig.visit([0.5, 0.1, -0.4], 10_000);
    rig.step(1 / 60);
    expect(Math.hypot(...rig.state().target)).toBeLessThan(0.05); // it flies and does not jump
    const there = settled(rig);
    [0.5, 0.1, -0.4].forEach((one, axis) => expect(there.target[axis]).toBeCloseTo(one, 3));
    expect(rig.distance).toBeLessThan(1);
    expect(rig.resting).toBe(true);
    rig.drift(20); // three turns and more
    rig.home();
    const yaw = Math.atan2(home.position[0], home.position[2]);
    const back = settled(rig);
    expect(Math.atan2(back.position[0], back.position[2])).toBeCloseTo(yaw, 3);
    expect(rig.distance).toBeCloseTo(Math.hypot(...home.position), 2);
  });

  it("visits from nearer where songs are many", () => {
    const distances = [1, 500, 10_000, 1e6].map((songs) => {
      const rig = new Rig(null, 1.5);
      rig.visit([0, 0, 0], songs);
      rig.arrive();
      return rig.distance;
    });
    expect(distances).toEqual(distances.toSorted((one, other) => other - one));
    expect(distances[0]).toBeLessThan(new Rig(null, 1.5).distance);
    expect(distances[3]).toBeCloseTo(0.45, 9);
  });

  it("shows as much in a tall view, and a link's camera as it was", () => {
    expect(new Rig(null, 0.5).distance).toBeGreaterThan(1.4 * new Rig(null, 1.5).distance);
    const start = { target: [0, 0, 0], position: [0, 0, 1] } as const;
    expect(new Rig(start, 0.5).distance).toBeCloseTo(1, 9);
    const rig = new Rig(null, 0.5);
    rig.setAspect(1.5);
    expect(rig.distance).toBeCloseTo(new Rig(null, 1.5).distance, 9);
  });
});

describe("project", () => {
  it("agrees with three.js", () => {
    const rig = new Rig(null, WIDTH / HEIGHT);
    const camera = cameraOf(rig);
    const seen = { x: 0, y: 0, depth: 0 };
    for (const { place } of anywhere(200, 7)) {
      expect(project(lensOf(rig), place, seen)).toBe(true);
      const told = new Vector3(...place).project(camera);
      expect(seen.x).toBeCloseTo(((told.x + 1) / 2) * WIDTH, 6);
      expect(seen.y).toBeCloseTo(((1 - told.y) / 2) * HEIGHT, 6);
      expect(seen.depth).toBeCloseTo(-new Vector3(...place).applyMatrix4(camera.matrixWorldInverse).z, 9);
    }
  });

  it("sees nothing behind the camera", () => {
    const rig = new Rig({ target: [0, 0, 0], position: [0, 0, 1] }, 1);
    expect(project(lensOf(rig), [0, 0, 1.5], { x: 0, y: 0, depth: 0 })).toBe(false);
  });

  it("draws near and few songs larger, within bounds", () => {
    const size = { diameter: pointDiameter(10_000), perUnit: 700 };
    expect(pointPx(size, 0.001)).toBe(LARGEST_PX);
    expect(pointPx(size, 30)).toBe(SMALLEST_PX);
    expect(pointPx(size, 1)).toBeGreaterThan(pointPx(size, 2));
    expect(pointDiameter(500)).toBeGreaterThan(pointDiameter(100_000));
    expect(pointDiameter(0)).toBe(pointDiameter(1));
    expect([haze(0.1, 2.7), haze(9, 2.7)]).toEqual([0, 0.72]);
  });
});

describe("pick", () => {
  const map = mapOf(anywhere(2000, 11));
  const rig = new Rig(null, WIDTH / HEIGHT);
  const lens = lensOf(rig);
  const size = { diameter: 0.02, perUnit: HEIGHT / 0.83 };
  const light = new Uint8Array(2000).map((_, row) => [BRIGHT, BRIGHT, DIM, 0][row % 4]!);
  const songs = { xyz: map.xyz, light, size };

  /** The same by the book: all songs within reach, sorted by what matters first. */
  function slowly(x: number, y: number, reach: number): number {
    const found = [...light.keys()].flatMap((row) => {
      const seen = { x: 0, y: 0, depth: 0 };
      if (light[row] === 0 || !project(lens, placeAt(map, row), seen)) return [];
      const outside = Math.max(0, Math.hypot(seen.x - x, seen.y - y) - pointPx(size, seen.depth) / 2);
      return outside <= reach ? [{ row, dim: light[row]! < SHINES, outside, depth: seen.depth }] : [];
    });
    found.sort((a, b) => Number(a.dim) - Number(b.dim) || a.outside - b.outside || a.depth - b.depth);
    return found[0]?.row ?? -1;
  }

  it("finds what a slow search finds", () => {
    const roll = dice(12);
    let hits = 0;
    for (let run = 0; run < 400; run++) {
      const [x, y, reach] = [roll() * WIDTH, roll() * HEIGHT, [0, 5, 16][run % 3]!];
      const row = pick(songs, lens, x, y, reach);
      expect(row).toBe(slowly(x, y, reach));
      if (row >= 0) hits++;
    }
    expect(hits).toBeGreaterThan(50);
  });

  it("finds each song where it is drawn, unless another lies before it", () => {
    const seen = { x: 0, y: 0, depth: 0 };
    for (let row = 0; row < 2000; row += 4) {
      if (!project(lens, placeAt(map, row), seen)) continue;
      const found = pick(songs, lens, seen.x, seen.y, 0);
      const there = { x: 0, y: 0, depth: 0 };
      project(lens, placeAt(map, found), there);
      expect(there.depth).toBeLessThanOrEqual(seen.depth);
    }
  });

  it("finds nothing beside the songs, behind the camera or on an empty map", () => {
    expect(pick(songs, lens, -500, -500, 16)).toBe(-1);
    expect(pick({ ...songs, xyz: new Float32Array(0), light: new Uint8Array(0) }, lens, 10, 10, 16)).toBe(-1);
    const ahead = lensOf(new Rig({ target: [0, 0, 1.6], position: [0, 0, 1.2] }, 1));
    expect(pick(songs, ahead, WIDTH / 2, HEIGHT / 2, 1e6)).toBe(-1);
  });

  it("knows the songs nearest to the camera", () => {
    const seen = { x: 0, y: 0, depth: 0 };
    const expected = [...light.keys()]
      .filter((row) => light[row]! >= SHINES && project(lens, placeAt(map, row), seen))
      .map((row) => ({ row, ...(project(lens, placeAt(map, row), seen), { ...seen }) }))
      .filter(({ x, y }) => x >= 0 && y >= 0 && x <= WIDTH && y <= HEIGHT)
      .sort((a, b) => a.depth - b.depth)
      .map((one) => one.row);
    expect(nearestInView(songs, lens, 20)).toEqual(expected.slice(0, 20));
    expect(nearestInView(songs, lens, 5000)).toEqual(expected);
    expect(nearestInView(songs, lens, 0)).toEqual([]);
  });
});

describe("layOut", () => {
  const view = { width: 400, height: 300 };
  const apart = (one: Box, other: Box) =>
    one.left >= other.left + other.width ||
    other.left >= one.left + one.width ||
    one.top >= other.top + other.height ||
    other.top >= one.top + one.height;
  const wishes = (count: number, roll: () => number): Wish[] =>
    Array.from({ length: count }, (_, at) => ({
      key: String(at),
      x: roll() * 440 - 20,
      y: roll() * 340 - 20,
      away: roll() * 12,
      width: 20 + roll() * 120,
      height: 10 + roll() * 20,
    }));

  it("never lets labels cover each other, an obstacle, or leave the view", () => {
    const roll = dice(21);
    for (let run = 0; run < 300; run++) {
      const obstacles = [{ left: 0, top: 0, width: 80 * roll(), height: 200 }];
      const all = wishes(Math.floor(roll() * 40), roll);
      const placed = layOut(all, view, new Map(), obstacles);
      placed.forEach((one, at) => {
        for (const other of [...placed.slice(at + 1), ...obstacles]) expect(apart(one, other)).toBe(true);
        expect(Math.min(one.left, one.top)).toBeGreaterThanOrEqual(0);
        expect(one.left + one.width).toBeLessThanOrEqual(view.width);
        expect(one.top + one.height).toBeLessThanOrEqual(view.height);
      });
      const left = all.filter((wish) => !placed.some((one) => one.key === wish.key));
      // Who was left out had no free side, in the order of the wishes.
      for (const wish of left) {
        const before = all.slice(0, all.indexOf(wish)).map((one) => one.key);
        expect(layOut([wish], view, new Map(), [...obstacles, ...placed.filter((one) => before.includes(one.key))])).toEqual([]);
      }
    }
  });

  it("leaves labels where they are as long as they fit", () => {
    const roll = dice(22);
    for (let run = 0; run < 100; run++) {
      const all = wishes(20, roll);
      const first = layOut(all, view, new Map());
      const sides = new Map<string, Side>(first.map((one) => [one.key, one.side]));
      const kept = all.filter((wish) => sides.has(wish.key));
      expect(layOut(kept, view, sides)).toEqual(first);
    }
  });

  it("puts a label to the right, and elsewhere only where it must", () => {
    const wish = { key: "a", x: 100, y: 100, away: 10, width: 50, height: 20 };
    expect(layOut([wish], view, new Map())).toEqual([{ key: "a", side: "right", left: 110, top: 90, width: 50, height: 20 }]);
    expect(layOut([{ ...wish, x: 390 }], view, new Map())[0]?.side).toBe("left");
    expect(layOut([wish], view, new Map([["a", "below"]]))[0]?.side).toBe("below");
    const wall = { left: 0, top: 60, width: 400, height: 60 };
    expect(layOut([{ ...wish, y: 55 }], view, new Map(), [wall])[0]?.side).toBe("above");
  });
});
