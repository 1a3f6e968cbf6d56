import type { ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { App } from "../app";
import type { Explore } from "../explore/state";
import type { Store } from "../store/store";
import { Replay } from "./replay";

type MapView = ComponentType<{ store: Store; explore: Explore }>;


/** The map, whose scripts come when it is first seen, and then stays; the evening's slider below. */
export function MapPlace({ app, shown }: { app: App; shown: boolean }) {
  const [View, setView] = useState<MapView | null>(null);
  const [broken, setBroken] = useState(false);
  const wanted = shown && app.explore.map.value !== null;
  useEffect(() => {
    if (!wanted || View !== null) return;
    import("./map").then(
      (module) => setView(() => module.MapView),
      () => setBroken(true),
    );
  }, [wanted, View]);
  return (
    <div class="map-place" hidden={!shown}>
      {View !== null ? <View store={app.store} explore={app.explore} /> : <Absent app={app} broken={broken} />}
      <Replay app={app} />
    </div>
  );
}

function Absent({ app, broken }: { app: App; broken: boolean }) {
  const why = broken ? "The map could not be loaded. Reload the page to try again." : app.explore.mapTrouble.value;
  return (
    <div class="map-absent" data-testid="map-absent">
      <p class="hint">{why ?? "The map is being fetched."}</p>
      {why !== null && (
        <button
          type="button"
          class="quiet"
          onClick={() => {
            app.view.value = "songs";
          }}
        >
          See all songs as a table
        </button>
      )}
    </div>
  );
}
