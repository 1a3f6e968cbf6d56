/** Bands in one column, low to high. */
export const BANDS = 48;

/** Columns per second of sound. */
export const COLUMNS_PER_S = 10;

/** A hole up to this many columns is drawn closed: a slow page may miss a message. */
const BRIDGED_COLUMNS = 6;

/** Column in which the sound that ends at `atS` is drawn. */
export function columnAt(atS: number): number {
  // A rounding error below a column's edge must not push a message into the column before.
  return Math.floor(atS * COLUMNS_PER_S + 1e-6);
}

export interface Change {
  /** All older columns are void: the source began anew. */
  reset: boolean;
  /** First and last column that changed. */
  from: number;
  to: number;
}

/**
 * The newest columns of the spectrogram. The column is found from the sound's own time, so a
 * message that comes late lands where it belongs, and lost sound leaves a visible hole.
 */
export class Ring {
  readonly capacity: number;
  /** Newest column, or null before the first. */
  newest: number | null = null;
  readonly #cells: Uint8Array;

  constructor(capacity: number) {
    this.capacity = capacity;
    this.#cells = new Uint8Array(capacity * BANDS);
  }

  /** Bands of column number `column`, zeros when it is not held. */
  column(column: number): Uint8Array {
    const slot = ((column % this.capacity) + this.capacity) % this.capacity;
    return this.#cells.subarray(slot * BANDS, (slot + 1) * BANDS);
  }

  put(atS: number, bands: ArrayLike<number>): Change {
    const to = columnAt(atS);
    const before = this.newest;
    const reset = before === null || to < before || to - before >= this.capacity;
    this.newest = to;
    if (reset) this.#cells.fill(0);
    if (reset || to === before) {
      this.column(to).set(bands);
      return { reset, from: to, to };
    }
    const bridged = to - before <= BRIDGED_COLUMNS;
    for (let column = before + 1; column < to; column++) {
      if (bridged) this.column(column).set(bands);
      else this.column(column).fill(0);
    }
    this.column(to).set(bands);
    return { reset, from: before + 1, to };
  }
}
