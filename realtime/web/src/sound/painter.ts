import type { Level } from "../protocol/types";
import { colourTable, columnPixels, type Theme } from "./palette";
import { BANDS, COLUMNS_PER_S, Ring } from "./ring";

/** Columns kept: more than the widest screen shows. */
const CAPACITY = 1200;

/** Width of one column in CSS pixels, for a canvas of that width. */
export function columnWidth(width: number): number {
  if (width < 700) return 3;
  return width < 1600 ? 4 : 5;
}

/**
 * Where the right edge of the drawing stands after `elapsedS`, in columns. It runs at the sound's
 * pace, a little faster when behind, and jumps only when far off.
 */
export function follow(edge: number, target: number, elapsedS: number): number {
  const behind = target - edge;
  if (behind < 0 || behind > 20) return target;
  return Math.min(target, edge + elapsedS * COLUMNS_PER_S * (0.85 + behind * 0.15));
}

/** Draws the running spectrogram: one column per 0.1 s, gliding to the left. */
export class Painter {
  readonly #canvas: HTMLCanvasElement;
  readonly #ring = new Ring(CAPACITY);
  readonly #strip = document.createElement("canvas");
  readonly #still: () => boolean;
  #table: Uint8ClampedArray;
  #edge = 0;
  #frame = 0;
  #lastMs = 0;

  /** `still` tells whether the reader asked for less motion; the drawing then steps. */
  constructor(canvas: HTMLCanvasElement, theme: Theme, still: () => boolean) {
    this.#canvas = canvas;
    this.#still = still;
    this.#table = colourTable(theme);
    this.#strip.width = CAPACITY;
    this.#strip.height = BANDS;
    this.#clear();
  }

  put(level: Level): void {
    const change = this.#ring.put(level.at_s, level.bands);
    if (change.reset) {
      this.#clear();
      this.#edge = change.to + 1;
    }
    for (let column = change.from; column <= change.to; column++) this.#paintColumn(column);
    if (this.#frame === 0) {
      this.#lastMs = performance.now();
      this.#frame = requestAnimationFrame(this.#tick);
    }
  }

  setTheme(theme: Theme): void {
    this.#table = colourTable(theme);
    this.#clear();
    const newest = this.#ring.newest;
    if (newest === null) return this.draw();
    for (let column = newest - CAPACITY + 1; column <= newest; column++) this.#paintColumn(column);
    this.draw();
  }

  /** Draws everything anew, after a change of size as well. */
  draw(): void {
    const context = this.#canvas.getContext("2d");
    if (context === null) return;
    const { width, height } = this.#canvas;
    const wide = columnWidth(this.#canvas.clientWidth) * (width / (this.#canvas.clientWidth || 1));
    context.clearRect(0, 0, width, height);
    const newest = this.#ring.newest;
    if (newest === null) return;
    const first = Math.max(newest - CAPACITY + 2, Math.floor(this.#edge - width / wide) - 1);
    this.#drawRun(context, first, newest, wide);
  }

  destroy(): void {
    cancelAnimationFrame(this.#frame);
    this.#frame = -1;
  }

  /** Draws columns `first` to `last`. Where the ring wraps, in two pieces. */
  #drawRun(context: CanvasRenderingContext2D, first: number, last: number, wide: number): void {
    const { width, height } = this.#canvas;
    let from = first;
    while (from <= last) {
      const slot = ((from % CAPACITY) + CAPACITY) % CAPACITY;
      const columns = Math.min(last - from + 1, CAPACITY - slot);
      const x = width - (this.#edge - from) * wide;
      context.drawImage(this.#strip, slot, 0, columns, BANDS, x, 0, columns * wide, height);
      from += columns;
    }
  }

  readonly #tick = (nowMs: number): void => {
    const newest = this.#ring.newest;
    if (this.#frame === -1 || newest === null) return;
    const elapsedS = Math.max(0, nowMs - this.#lastMs) / 1000;
    this.#lastMs = nowMs;
    const target = newest + 1;
    this.#edge = this.#still() ? target : follow(this.#edge, target, elapsedS);
    this.draw();
    // With the edge at its target nothing moves until the next message.
    this.#frame = this.#edge < target ? requestAnimationFrame(this.#tick) : 0;
  };

  #paintColumn(column: number): void {
    const context = this.#strip.getContext("2d");
    const pixels = columnPixels(this.#ring.column(column), this.#table);
    const slot = ((column % CAPACITY) + CAPACITY) % CAPACITY;
    context?.putImageData(new ImageData(pixels, 1, BANDS), slot, 0);
  }

  #clear(): void {
    this.#strip.getContext("2d")?.clearRect(0, 0, CAPACITY, BANDS);
  }
}
