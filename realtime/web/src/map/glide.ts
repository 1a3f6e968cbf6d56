import type { Point } from "./data";
import { Springs } from "./spring";
import { Trail } from "./trail";

/** Rate of the springs, 1/s: a new place is reached within some 1.5 s, in which two or three come. */
const RATE = 4;
/** Rate at which the mark comes and goes with the sound. */
const FADE = 6;
const AT_REST = 5e-4;

/** The place of the sound as it is shown: gliding after what the daemon says, with its trail. */
export class Glide {
  readonly trail = new Trail();
  readonly #place = new Springs([0, 0, 0]);
  readonly #strength = new Springs([0]);

  get place(): Point {
    const [x = 0, y = 0, z = 0] = this.#place.value;
    return [x, y, z];
  }

  /** Where it glides to. */
  get goal(): Point {
    const [x = 0, y = 0, z = 0] = this.#place.goal;
    return [x, y, z];
  }

  /** From 0 in silence to 1. */
  get strength(): number {
    return this.#strength.value[0] ?? 0;
  }

  get resting(): boolean {
    return this.#place.resting(AT_REST) && this.#strength.resting(AT_REST);
  }

  /** The sound is at `place` now; null: nowhere. What comes out of nowhere does not glide. */
  send(place: Point | null): void {
    if (place !== null) {
      this.#place.goal.set(place);
      if (this.strength < AT_REST) this.#place.arrive();
    }
    this.#strength.goal[0] = place === null ? 0 : 1;
  }

  /** Keeps where it is shown now as the trail's next mark, so that no trail runs ahead of it. */
  mark(at_s: number): void {
    this.trail.put(at_s, this.#strength.goal[0] === 0 ? null : this.place);
  }

  step(seconds: number): void {
    this.#place.step(seconds, RATE);
    this.#strength.step(seconds, FADE);
  }

  arrive(): void {
    this.#place.arrive();
    this.#strength.arrive();
  }
}
