import { useEffect, useMemo, useState } from "preact/hooks";
import type { App } from "../app";
import { momentName, stretches } from "../explore/evening";
import type { Moment } from "../explore/types";
import { timeOfDay } from "../format";
import { PlayIcon } from "./icons";

/** A replayed evening runs at so many moments a second. */
const STEP_MS = 250;

/** The evening so far as a slider: back through time, or from there on again quickly. */
export function Replay({ app }: { app: App }) {
  const { evening, replay } = app.explore;
  const [running, setRunning] = useState(false);
  const moments = evening.value;
  const at = indexOf(moments, replay.value);
  const go = (to: number): void => {
    const last = to >= moments.length - 1;
    replay.value = last ? null : (moments[to] ?? null);
    if (last) setRunning(false);
  };
  useEffect(() => {
    if (!running) return;
    const timer = setInterval(() => {
      const all = evening.peek();
      const next = replay.peek() === null ? 0 : indexOf(all, replay.peek()) + 1;
      const last = next >= all.length - 1;
      replay.value = last ? null : (all[next] ?? null);
      if (last) setRunning(false);
    }, STEP_MS);
    return () => clearInterval(timer);
  }, [running, evening, replay]);
  if (moments.length < 2) return null;
  return (
    <section class="replay" data-testid="replay" aria-label="The evening so far">
      <button
        type="button"
        class="round small play"
        data-testid="replay-run"
        aria-label={running ? "Stop the replay" : "Replay the evening"}
        onClick={() => setRunning(!running)}
      >
        <PlayIcon running={running} />
      </button>
      <span class="replay-time">{timeOfDay(moments[0]!.at)}</span>
      <div class="replay-track">
        <Stretches moments={moments} />
        <input
          type="range"
          min={0}
          max={moments.length - 1}
          value={at}
          aria-label="Time of the evening"
          aria-valuetext={words(moments[at], replay.value === null)}
          data-testid="replay-slider"
          onInput={(event) => {
            setRunning(false);
            go(event.currentTarget.valueAsNumber);
          }}
        />
      </div>
      <button
        type="button"
        class="plain"
        data-testid="replay-now"
        disabled={replay.value === null}
        onClick={() => {
          setRunning(false);
          replay.value = null;
        }}
      >
        Now
      </button>
      {replay.value !== null && <p class="replay-words">{words(replay.value, false)}</p>}
    </section>
  );
}

/** Where a moment stands in the evening; the newest for none. */
function indexOf(moments: readonly Moment[], moment: Moment | null): number {
  const found = moment === null ? -1 : moments.findIndex((one) => one.at >= moment.at);
  return found < 0 ? Math.max(0, moments.length - 1) : found;
}

function words(moment: Moment | undefined, now: boolean): string {
  if (moment === undefined) return "";
  return now ? "now" : `${timeOfDay(moment.at)}, ${momentName(moment)}`;
}

/** Marks under the slider where songs were recognized. */
function Stretches({ moments }: { moments: readonly Moment[] }) {
  const songs = useMemo(() => stretches(moments), [moments]);
  const many = moments.length;
  return (
    <div class="stretches" aria-hidden="true">
      {songs.map(({ from, to, name }) => (
        <span
          key={from}
          title={name}
          style={{ left: `${((from / many) * 100).toFixed(2)}%`, width: `${(((to - from + 1) / many) * 100).toFixed(2)}%` }}
        />
      ))}
    </div>
  );
}
