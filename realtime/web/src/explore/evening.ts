import type { Moment } from "./types";

/** Moments kept: a day of one every 5 s. */
const MOST_MOMENTS = 17_280;

/** The evening with what came since; moments that come again replace the older ones. */
export function withNewer(kept: readonly Moment[], newer: readonly Moment[]): readonly Moment[] {
  const first = newer[0];
  if (first === undefined) return kept;
  return [...kept.filter((one) => one.at < first.at), ...newer].slice(-MOST_MOMENTS);
}

/** From when on newer moments have to be asked for, in Unix seconds. */
export function since(kept: readonly Moment[]): number {
  return kept.at(-1)?.at ?? 0;
}

/** A stretch of the evening with one song. */
export interface Stretch {
  readonly song: number;
  readonly name: string;
  /** First and last moment, by number. */
  readonly from: number;
  readonly to: number;
}

/** The songs of the evening in their order; one that is lost for a few moments goes on. */
export function stretches(moments: readonly Moment[], bridged = 3): readonly Stretch[] {
  const found: Stretch[] = [];
  moments.forEach((moment, at) => {
    if (moment.song === null) return;
    const last = found.at(-1);
    if (last?.song === moment.song && at - last.to <= bridged) {
      found[found.length - 1] = { ...last, to: at };
    } else {
      found.push({ song: moment.song, name: momentName(moment), from: at, to: at });
    }
  });
  return found;
}

/** What was heard at a moment, in a few words. */
export function momentName(moment: Moment): string {
  if (moment.title !== null) return moment.artist ? `${moment.title} by ${moment.artist}` : moment.title;
  if (moment.state === "silence") return "Silence";
  const tags = moment.tags.slice(0, 2).map((one) => one.tag);
  if (tags.length > 0) return tags.join(", ");
  return moment.state === "unknown" ? "Music not in your catalog" : "Sound";
}
