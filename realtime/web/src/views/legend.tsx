import { useComputed, useSignal, type ReadonlySignal, type Signal } from "@preact/signals";
import type { RefObject } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { categoryColour, OTHERS } from "../explore/palette";
import type { Explore } from "../explore/state";
import type { ColourBy } from "../explore/types";
import { choices, type Categories, type Category } from "../map/categories";
import { theme } from "../theme";

export interface LegendProps {
  readonly explore: Explore;
  readonly categories: ReadonlySignal<Categories | null>;
}

const BY: Readonly<Record<ColourBy, string>> = { genre: "Genre", tag: "Tag", theme: "Theme" };
const COUNT = new Intl.NumberFormat("en");

/** What the colours mean. A line filters its songs out and back in. */
export function Legend({ explore, categories }: LegendProps) {
  const by = useComputed(() => (explore.map.value === null ? [] : choices(explore.map.value)));
  const details = useRef<HTMLDetailsElement>(null);
  const open = useOpen(details);
  const { hidden } = explore;
  const lines = categories.value?.legend ?? [];
  const only = (key: string) => {
    hidden.value = new Set(lines.map((line) => line.key).filter((other) => other !== key));
  };
  return (
    <details
      class="map-legend"
      data-testid="map-legend"
      data-over-map
      ref={details}
      hidden={lines.length === 0}
      open={open.value}
      onToggle={(event) => (open.value = event.currentTarget.open)}
    >
      <summary>Colours: {BY[explore.colourBy.value].toLowerCase()}</summary>
      {by.value.length > 1 && <ColourChoice explore={explore} by={by.value} />}
      <ul>
        {lines.map((line) => (
          <Line
            key={line.key}
            line={line}
            off={hidden.value.has(line.key)}
            toggle={() => toggle(explore, line.key)}
            only={() => only(line.key)}
          />
        ))}
      </ul>
      {hidden.value.size > 0 && (
        <button type="button" class="quiet" onClick={() => (hidden.value = new Set())}>
          Show all
        </button>
      )}
    </details>
  );
}

/** On a narrower map the legend would lie over the songs: it closes, and can be opened. */
const ROOMY_PX = 680;

function useOpen(details: RefObject<HTMLDetailsElement | null>): Signal<boolean> {
  const open = useSignal(false);
  useEffect(() => {
    let roomy: boolean | null = null;
    const observer = new ResizeObserver((entries) => {
      const now = (entries.at(-1)?.contentRect.width ?? 0) >= ROOMY_PX;
      if (now !== roomy) open.value = roomy = now;
    });
    const map = details.current?.parentElement;
    if (map != null) observer.observe(map);
    return () => observer.disconnect();
  }, [details, open]);
  return open;
}

function toggle({ hidden }: Explore, key: string): void {
  const next = new Set(hidden.value);
  if (!next.delete(key)) next.add(key);
  hidden.value = next;
}

function ColourChoice({ explore, by }: { explore: Explore; by: readonly ColourBy[] }) {
  const choose = (one: ColourBy) => {
    explore.hidden.value = new Set(); // its keys name categories of another kind
    explore.colourBy.value = one;
  };
  return (
    <div class="map-by" role="group" aria-label="Colour by">
      {by.map((one) => (
        <button key={one} type="button" aria-pressed={explore.colourBy.value === one} onClick={() => choose(one)}>
          {BY[one]}
        </button>
      ))}
    </div>
  );
}

interface LineProps {
  readonly line: Category;
  readonly off: boolean;
  readonly toggle: () => void;
  readonly only: () => void;
}

function Line({ line, off, toggle, only }: LineProps) {
  const name = line.key === OTHERS ? "Others" : line.key;
  return (
    <li data-category={line.key}>
      <button type="button" class="map-line" aria-pressed={!off} onClick={toggle}>
        <span class="map-swatch" style={{ background: categoryColour(line.rank, theme.value) }} />
        <span class="map-name">{name}</span>
        <span class="map-count">{COUNT.format(line.songs)}</span>
      </button>
      <button type="button" class="map-only" aria-label={`Only ${name}`} onClick={only}>
        only
      </button>
    </li>
  );
}
