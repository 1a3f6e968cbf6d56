import { computed, effect, signal, type ReadonlySignal } from "@preact/signals";
import type { Job, Jobs } from "../protocol/types";
import type { Api } from "./api";

export type LongJobs = ReturnType<typeof createJobs>;

/** What a long command is called; its own words when it is none of these. */
const TITLES: Readonly<Record<string, string>> = {
  "map build": "Drawing the map",
  "themes build": "Finding themes",
  "taste fit": "Learning from what was played",
  "taste learn": "Learning taste from sound",
  "attributes fill": "Filling in attributes",
  "attributes train": "Learning attributes",
  "datasets join": "Joining data with songs",
};

export function titleOf(job: Pick<Job, "name">): string {
  return TITLES[job.name] ?? job.name;
}

export function isWaiting(job: Job): boolean {
  return job.state === "queued" || job.state === "running";
}

/** Long commands beside the daemon, as its `jobs` messages tell; begun and cancelled over HTTP. */
export function createJobs(api: Api, told: ReadonlySignal<Jobs | null>) {
  /** Why the last one could not be begun or cancelled. */
  const trouble = signal<string | null>(null);
  /** Jobs that were waiting or running at some time while this page was open. */
  const witnessed = signal<ReadonlySet<number>>(new Set());
  /** How many of them have ended: whoever shows what they make reads it anew. */
  const ended = computed(() => {
    return (told.value?.jobs ?? []).filter((job) => witnessed.value.has(job.job) && !isWaiting(job)).length;
  });
  const stop = effect(() => {
    const now = (told.value?.jobs ?? []).filter(isWaiting).map((job) => job.job);
    const known = witnessed.peek();
    if (now.some((job) => !known.has(job))) witnessed.value = new Set([...known, ...now]);
  });

  async function begin(command: string): Promise<void> {
    const answer = await api.beginJob(command);
    trouble.value = answer.kind === "ok" ? null : answer.why;
  }

  async function cancel(job: Job): Promise<void> {
    const answer = await api.cancelJob(job.job);
    trouble.value = answer.kind === "ok" ? null : answer.why;
  }

  return {
    trouble,
    ended,
    begin,
    cancel,
    /** Those of this page's time, oldest first. */
    seen: computed(() => (told.value?.jobs ?? []).filter((job) => witnessed.value.has(job.job))),
    waiting: computed(() => (told.value?.jobs ?? []).filter(isWaiting)),
    /** The waiting or running job of this name, if there is one. */
    of: (name: string) => (told.value?.jobs ?? []).find((job) => job.name === name && isWaiting(job)) ?? null,
    destroy: stop,
  };
}
