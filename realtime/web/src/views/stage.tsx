import type { App } from "../app";
import { Compat } from "./compat";
import { ForYou } from "./for-you";
import { History } from "./history";
import { MapPlace } from "./map-place";
import { shown } from "./nav";
import { Saved } from "./saved";
import { SongPanel } from "./song-panel";
import { Table } from "./table";
import { Themes } from "./themes";

/** The catalog: one of its views, and the selected song beside it. */
export function Stage({ app }: { app: App }) {
  const view = shown(app.view.value);
  return (
    <div class="stage" data-panel={app.explore.selected.value !== null}>
      <div class="view">
        <MapPlace app={app} shown={view === "map"} />
        {view === "songs" && <Table app={app} />}
        {view === "foryou" && <ForYou app={app} />}
        {view === "themes" && <Themes app={app} />}
        {view === "compat" && <Compat app={app} />}
        {view === "saved" && <Saved app={app} />}
        {view === "history" && <History app={app} />}
      </div>
      <SongPanel app={app} />
    </div>
  );
}
