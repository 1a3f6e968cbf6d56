import type { Signal } from "@preact/signals";
import { VIEWS, type ViewName } from "../explore/permalink";
import { wide } from "../layout";
import { VIEW_ICONS } from "./icons";

const LABELS: Record<ViewName, string> = {
  now: "Now",
  map: "Map",
  songs: "Songs",
  foryou: "For you",
  themes: "Themes",
  saved: "Saved",
  history: "History",
  compat: "Compare",
};

/** The view that is seen: on a wide page what is heard stands beside the others. */
export function shown(view: ViewName): ViewName {
  return wide.value && view === "now" ? "map" : view;
}

export function Nav({ view }: { view: Signal<ViewName> }) {
  const current = shown(view.value);
  // A phone has no room for all: the comparison is reached from the songs for you.
  const offered = VIEWS.filter((one) => one !== (wide.value ? "now" : "compat"));
  return (
    <nav class="views" aria-label="Views" data-testid="views">
      {offered.map((one) => {
        const Icon = VIEW_ICONS[one];
        return (
          <button
            key={one}
            type="button"
            data-testid={`view-${one}`}
            aria-current={one === current ? "page" : undefined}
            onClick={() => {
              view.value = one;
            }}
          >
            <Icon />
            <span>{LABELS[one]}</span>
          </button>
        );
      })}
    </nav>
  );
}
