import type { Level, Match } from "./protocol/types";

/** How far the song that plays has come. */
export interface Progress {
  /** Where in the song, 0 to its length. */
  positionS: number;
  /** So long the song has been heard. */
  heardS: number;
}

/**
 * How far the song of `match` has come when `level`, the newest, was measured; null without a song.
 *
 * The levels are the clock: they tell ten times a second how far the source is. So the song moves
 * between two messages about it, at its playing speed, and stands still when nothing comes any more.
 */
export function progress(match: Match, level: Level | null): Progress | null {
  const { song, position_s: position, rate } = match;
  if (song === null || position === null) return null;
  const nowS = Math.max(match.at_s, level?.at_s ?? 0);
  const positionS = position + (nowS - match.at_s) * (rate ?? 1);
  // A catalog may not know a song's length; the song then has no end to stop at.
  const endS = song.duration_s > 0 ? song.duration_s : Infinity;
  return { positionS: Math.min(endS, Math.max(0, positionS)), heardS: Math.max(0, nowS - match.since_s) };
}
