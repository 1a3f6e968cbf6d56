/**
 * Numbers that glide to their goals and never beyond: critically damped springs, moved by their
 * exact solution
 *
 *     x(t) = goal + (d + (v + w d) t) exp(-w t),   d = x(0) - goal, v = x'(0)
 *
 * and not by small steps of a simulation, so that 30 and 144 frames a second give the same path.
 */
export class Springs {
  readonly goal: Float64Array;
  readonly value: Float64Array;
  readonly #velocity: Float64Array;

  constructor(start: ArrayLike<number>) {
    this.goal = Float64Array.from(start);
    this.value = Float64Array.from(start);
    this.#velocity = new Float64Array(start.length);
  }

  /** Moves on by `seconds`; `rate` is w above, 1/s: the way is done to 98 of 100 after 6 / rate. */
  step(seconds: number, rate: number): void {
    const decay = Math.exp(-rate * seconds);
    for (let at = 0; at < this.value.length; at++) {
      const goal = this.goal[at]!;
      const off = this.value[at]! - goal;
      const push = (this.#velocity[at]! + rate * off) * seconds;
      this.value[at] = goal + (off + push) * decay;
      this.#velocity[at] = (this.#velocity[at]! - rate * push) * decay;
    }
  }

  /** Ends the way here and now. */
  arrive(): void {
    this.value.set(this.goal);
    this.#velocity.fill(0);
  }

  /** Whether every number is within `near` of its goal, and slower than that in a tenth of a second. */
  resting(near: number): boolean {
    for (let at = 0; at < this.value.length; at++) {
      if (Math.abs(this.value[at]! - this.goal[at]!) > near) return false;
      if (Math.abs(this.#velocity[at]!) > 10 * near) return false;
    }
    return true;
  }
}
