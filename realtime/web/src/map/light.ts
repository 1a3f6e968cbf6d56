import type { Categories } from "./categories";

/** How brightly a song shines: not drawn, dimmed, fully. */
export const DARK = 0;
export const DIM = 40;
export const BRIGHT = 255;

export interface Dimming {
  /** Cosine of every row with the selected song; null without one. */
  readonly scores: Float32Array | null;
  /** Songs below this are dimmed; null: none. */
  readonly least: number | null;
}

/** Writes how brightly every row shines. `hidden`: keys of the legend that are filtered out. */
export function shine(
  light: Uint8Array,
  { legend, lineOf }: Categories,
  hidden: ReadonlySet<string>,
  { scores, least }: Dimming,
): void {
  const away = legend.map((category) => hidden.has(category.key));
  // Scores of a map before this one fit no row of it.
  const known = scores !== null && least !== null && scores.length === light.length;
  for (let row = 0; row < light.length; row++) {
    if (away[lineOf[row]!]) light[row] = DARK;
    else light[row] = known && scores[row]! < least ? DIM : BRIGHT;
  }
}
