import { useRef } from "preact/hooks";
import { decibels } from "../format";
import { fill, FLOOR_DB, nextPeak, peakAt, type Peak } from "../sound/peak";
import type { Store } from "../store/store";

/** Loudness of this moment with the highest recent peak. */
export function LevelMeter({ store }: { store: Store }) {
  const held = useRef<Peak | null>(null);
  const level = store.stale.value ? null : store.level.value;
  const rms = level?.rms_dbfs ?? -120;
  const text = level === null ? "–" : decibels(rms);
  if (level === null) held.current = null;
  else held.current = nextPeak(held.current, level.peak_dbfs, level.at_s);
  const peak = level !== null && held.current !== null ? peakAt(held.current, level.at_s) : -120;
  return (
    <div
      class="level"
      id="level"
      data-testid="level"
      role="meter"
      aria-label="Level"
      aria-valuemin={FLOOR_DB}
      aria-valuemax={0}
      aria-valuenow={Math.round(Math.min(0, Math.max(FLOOR_DB, rms)))}
      aria-valuetext={level === null ? "nothing heard" : text}
      data-clipping={peak >= -0.1}
    >
      <span class="level-bar">
        <span class="level-fill" style={{ transform: `scaleY(${fill(rms).toFixed(3)})` }} />
        <span class="level-peak" style={{ bottom: `${(fill(peak) * 100).toFixed(1)}%` }} />
      </span>
      <span class="level-text">{text}</span>
    </div>
  );
}
