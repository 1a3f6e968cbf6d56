import type { Point } from "../src/map/data";

const LETTERS = [..."abcXYZ019 &=#%+,;/?.:ÄéЖ中\u{1F3B5}\"'<>\\"];

/** Random values of many kinds, the same ones in every run. */
export class Draw {
  #state: number;

  constructor(seed: number) {
    this.#state = seed;
  }

  /** From 0 up to 1: the generator mulberry32. */
  unit(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let value = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value;
    return ((value ^ (value >>> 14)) >>> 0) / 2 ** 32;
  }

  whole(low: number, high: number): number {
    return low + Math.floor(this.unit() * (high - low + 1));
  }

  pick<T>(values: readonly T[]): T {
    return values[this.whole(0, values.length - 1)]!;
  }

  maybe<T>(make: () => T): T | null {
    return this.unit() < 0.3 ? null : make();
  }

  list<T>(most: number, make: () => T): T[] {
    return Array.from({ length: this.whole(0, most) }, make);
  }

  text(most: number): string {
    return this.list(most, () => this.pick(LETTERS)).join("");
  }

  /** A place with three decimals. */
  point(): Point {
    const one = () => this.whole(-5000, 5000) / 1000;
    return [one(), one(), one()];
  }
}

export function* draws(many: number): Generator<Draw> {
  for (let seed = 1; seed <= many; seed++) yield new Draw(seed * 2654435761);
}
