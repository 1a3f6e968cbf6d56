/** A song with its cosine to the selected one. */
export interface Scored {
  readonly song: number;
  readonly score: number;
}

export type Where = "within" | "outside";

/** So many of the nearest count as within when no distance is set. */
const WITHIN = 30;
/** So many of the next songs are "just outside", at least and at most. */
const FEWEST_OUTSIDE = 10;
const MOST_OUTSIDE = 50;

/**
 * Songs to draw from: those at least `least` similar, or the next ones beyond, about as many. With
 * `least` null the distance is that of the 30th nearest.
 */
export function candidates(songs: readonly Scored[], least: number | null, where: Where): readonly Scored[] {
  const sorted = songs.filter((one) => Number.isFinite(one.score)).toSorted((a, b) => b.score - a.score);
  const inside = least === null ? Math.min(WITHIN, sorted.length) : sorted.filter((one) => one.score >= least).length;
  if (where === "within") return sorted.slice(0, inside);
  const many = Math.min(MOST_OUTSIDE, Math.max(FEWEST_OUTSIDE, inside));
  return sorted.slice(inside, inside + many);
}

/**
 * One of them at random, each as likely; `random` gives numbers from 0 up to 1. `not` are songs
 * that were drawn lately: they come again only when there is no other.
 */
export function surprise(
  drawn: readonly Scored[],
  random: () => number,
  not: ReadonlySet<number> = new Set(),
): number | null {
  const fresh = drawn.filter((one) => !not.has(one.song));
  const from = fresh.length > 0 ? fresh : drawn;
  return from[Math.min(from.length - 1, Math.floor(random() * from.length))]?.song ?? null;
}

/** Scores in the map's order as a list of songs, without the song `but` itself. */
export function scored(ids: Int32Array, scores: Float32Array, but: number): Scored[] {
  const list: Scored[] = [];
  ids.forEach((song, row) => {
    if (song !== but) list.push({ song, score: scores[row] ?? NaN });
  });
  return list;
}

/** How many songs are at least `least` similar. */
export function countWithin(scores: Float32Array, least: number): number {
  let many = 0;
  for (const score of scores) if (score >= least) many += 1;
  return many;
}
