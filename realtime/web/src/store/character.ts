import type { TagScore } from "../protocol/types";

/** Probability at which a tag joins the headline, and below which it leaves it again. */
const JOINS_AT = 0.25;
const LEAVES_BELOW = 0.15;
const MOST_WORDS = 3;

/**
 * The few tags that name the character of the sound. A word once in stays, in its place, until
 * its tag grows weak: a headline that changes twice a second cannot be read.
 */
export function characterWords(before: readonly string[], tags: readonly TagScore[]): readonly string[] {
  const probability = new Map(tags.map((one) => [one.tag, one.probability]));
  const kept = before.filter((word) => (probability.get(word) ?? 0) >= LEAVES_BELOW);
  const joining = tags
    .filter((one) => one.probability >= JOINS_AT && !kept.includes(one.tag))
    .toSorted((one, other) => other.probability - one.probability)
    .map((one) => one.tag);
  const after = [...kept, ...joining].slice(0, MOST_WORDS);
  const same = after.length === before.length && after.every((word, at) => word === before[at]);
  return same ? before : after;
}
