const HOLD_S = 1.5;
const FALL_DB_PER_S = 18;

/** Bottom of the level scale in dBFS. */
export const FLOOR_DB = -60;

/** The highest recent peak: held for a while, then falling. */
export interface Peak {
  readonly db: number;
  /** Source time at which it was reached. */
  readonly atS: number;
}

/** The held peak once `db` has been heard at `atS`. */
export function nextPeak(before: Peak | null, db: number, atS: number): Peak {
  if (before === null || atS < before.atS) return { db, atS };
  return db >= peakAt(before, atS) ? { db, atS } : before;
}

/** Height of the held peak at `atS`, in dBFS. */
export function peakAt(peak: Peak, atS: number): number {
  return peak.db - Math.max(0, atS - peak.atS - HOLD_S) * FALL_DB_PER_S;
}

/** Part of the scale, 0 to 1, that a level fills. */
export function fill(db: number): number {
  return Math.min(1, Math.max(0, 1 - db / FLOOR_DB));
}
