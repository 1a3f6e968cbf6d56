import { describe, expect, it } from "vitest";
import { Gestures, type Gesture } from "../src/map/gestures";
import { commandOf, type KeyPress } from "../src/map/keys";
import { dice } from "./map-fixtures";

describe("gestures", () => {
  const finger = (id: number, x: number, y: number) => ({ id, x, y });

  it("one finger turns by as much as it moves", () => {
    const gestures = new Gestures();
    gestures.down(finger(1, 100, 100));
    expect(gestures.move(finger(1, 103, 100))).toEqual([]); // still a tap
    expect(gestures.move(finger(1, 113, 100))).toEqual([{ kind: "turn", dx: 10, dy: 0 }]);
    expect(gestures.move(finger(1, 101, 105))).toEqual([{ kind: "turn", dx: -12, dy: 5 }]);
    expect(gestures.up(finger(1, 101, 105))).toEqual([]);
    expect(gestures.busy).toBe(false);
  });

  it("the right button or shift moves, and never taps", () => {
    const gestures = new Gestures();
    gestures.down({ ...finger(1, 0, 0), pans: true });
    expect(gestures.move(finger(1, 20, 0))).toEqual([{ kind: "pan", dx: 20, dy: 0 }]);
    gestures.up(finger(1, 20, 0));
    gestures.down({ ...finger(1, 0, 0), pans: true });
    expect(gestures.up(finger(1, 0, 0))).toEqual([]);
  });

  it("a still finger taps where it came down, unless it is taken away", () => {
    const gestures = new Gestures();
    gestures.down(finger(1, 50, 60));
    gestures.move(finger(1, 53, 62));
    expect(gestures.up(finger(1, 53, 62))).toEqual([{ kind: "tap", x: 50, y: 60 }]);
    gestures.down(finger(1, 50, 60));
    expect(gestures.up(finger(1, 50, 60), { cancelled: true })).toEqual([]);
  });

  it("two fingers zoom by the distance between them and do not tap", () => {
    const gestures = new Gestures();
    gestures.down(finger(1, 100, 100));
    gestures.down(finger(2, 200, 100));
    expect(gestures.move(finger(2, 300, 100))).toEqual([
      { kind: "pan", dx: 50, dy: 0 },
      { kind: "zoom", factor: 2, x: 200, y: 100 },
    ]);
    expect(gestures.up(finger(2, 300, 100))).toEqual([]);
    expect(gestures.move(finger(1, 101, 100))).toEqual([{ kind: "turn", dx: 1, dy: 0 }]);
    expect(gestures.up(finger(1, 101, 100))).toEqual([]);
  });

  it("zooms in all by as much as the fingers' distance has changed", () => {
    const roll = dice(31);
    for (let run = 0; run < 100; run++) {
      const gestures = new Gestures();
      const held = [finger(1, 400 * roll(), 400 * roll()), finger(2, 400 * roll(), 400 * roll())];
      for (const one of held) gestures.down(one);
      const wide = () => Math.hypot(held[0]!.x - held[1]!.x, held[0]!.y - held[1]!.y);
      const before = wide();
      const made: Gesture[] = [];
      for (let move = 0; move < 30; move++) {
        const at = move % 2;
        held[at] = finger(at + 1, held[at]!.x + 20 * roll() - 10, held[at]!.y + 20 * roll() - 10);
        made.push(...gestures.move(held[at]));
      }
      const zoom = made.reduce((all, one) => (one.kind === "zoom" ? all * one.factor : all), 1);
      expect(zoom).toBeCloseTo(wide() / before, 6);
    }
  });

  it("ignores fingers that came down elsewhere", () => {
    const gestures = new Gestures();
    expect(gestures.move(finger(7, 1, 1))).toEqual([]);
    expect(gestures.up(finger(7, 1, 1))).toEqual([]);
  });
});

describe("keys", () => {
  const press = (key: string, held: Partial<KeyPress> = {}) =>
    commandOf({ key, shiftKey: false, ctrlKey: false, altKey: false, metaKey: false, ...held });

  it("have commands", () => {
    expect(press("ArrowLeft")).toEqual({ kind: "turn", dx: 0.06, dy: 0 });
    expect(press("ArrowDown", { shiftKey: true })).toEqual({ kind: "pan", dx: 0, dy: -0.06 });
    expect(["Home", "Escape", "Enter", " "].map((key) => press(key)?.kind)).toEqual(["home", "leave", "choose", "choose"]);
  });

  it("zoom in and out by the same", () => {
    const factor = (key: string) => {
      const command = press(key);
      return command?.kind === "zoom" ? command.factor : 0;
    };
    expect(factor("+") * factor("-")).toBeCloseTo(1);
    expect(factor("PageUp") * factor("PageDown")).toBeCloseTo(1);
    expect(factor("PageUp")).toBeGreaterThan(factor("+"));
    expect(factor("=")).toBe(factor("+"));
  });

  it("leave the browser's and the page's own alone", () => {
    expect(press("Tab")).toBeNull();
    expect(press("a")).toBeNull();
    expect(press("+", { ctrlKey: true })).toBeNull();
    expect(press("ArrowLeft", { altKey: true })).toBeNull();
  });
});
