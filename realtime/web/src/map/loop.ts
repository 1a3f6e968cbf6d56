/** A frame longer than this was a pause; springs would rather lose time than leap. */
const LONGEST_S = 0.1;
const FIRST_S = 1 / 60;

/** Draws frames only while there is something to draw, and none while nobody can see them. */
export class Loop {
  readonly #frame: (seconds: number) => boolean;
  #seen = true;
  #wanted = false;
  #request: number | null = null;
  #last: number | null = null;

  /** `frame` draws, `seconds` after the frame before, and says whether it must go on. */
  constructor(frame: (seconds: number) => boolean) {
    this.#frame = frame;
  }

  /** Whether no frame is on its way: nothing moves, or nobody sees it. */
  get resting(): boolean {
    return this.#request === null;
  }

  /** Something has changed. */
  wake(): void {
    this.#wanted = true;
    if (this.#seen && this.#request === null) this.#request = requestAnimationFrame(this.#run);
  }

  /** Whether anyone sees what is drawn; what was wanted meanwhile is drawn on return. */
  setSeen(seen: boolean): void {
    this.#seen = seen;
    if (!seen) this.#halt();
    else if (this.#wanted) this.wake();
  }

  destroy(): void {
    this.setSeen(false);
    this.#wanted = false;
  }

  readonly #run = (now: number): void => {
    this.#request = null;
    this.#wanted = false;
    const since = this.#last === null ? FIRST_S : (now - this.#last) / 1000;
    this.#last = now;
    if (this.#frame(Math.min(LONGEST_S, Math.max(0, since)))) this.wake();
    if (!this.#wanted) this.#last = null; // at rest: the next frame is a first one
  };

  #halt(): void {
    if (this.#request !== null) cancelAnimationFrame(this.#request);
    this.#request = null;
    this.#last = null;
  }
}
