/** Longest wait between two attempts to reach the daemon, in milliseconds. */
export const LONGEST_MS = 10_000;

const FIRST_MS = 500;

/**
 * Wait before attempt number `attempt` (0 is the first after a loss), in milliseconds.
 *
 * The ceiling doubles from 0.5 s to 10 s; the wait is drawn from the upper half below it, so that
 * many pages do not all knock in the same instant when a daemon comes back.
 */
export function waitMs(attempt: number, random: () => number): number {
  const ceiling = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(attempt, 16));
  return Math.round((ceiling / 2) * (1 + random()));
}
