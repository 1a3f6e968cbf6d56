import type { App } from "../app";
import type { Device } from "../device/device";
import type { Drop as Dropped } from "../device/identify";
import { listFormat, type Side } from "../explore/compat";
import { DeviceButton } from "./device";
import { Dock } from "./dock";
import { Drop } from "./drop";
import { Header } from "./header";
import { Nav, shown } from "./nav";
import { Now } from "./now";
import { SpokenMatch } from "./now-playing";
import { Replayed } from "./replayed";
import { Similar, SpokenRanking } from "./similar";
import { Stage } from "./stage";
import { Tags } from "./tags";
import { Vitals } from "./vitals";

export interface PageProps {
  app: App;
  retry: () => void;
  device?: Device;
  drop?: Dropped;
}

/** A list of songs that is dropped is compared; whether it was one. */
function takeList(app: App, file: File, side?: Side): boolean {
  if (listFormat(file.name) === null) return false;
  app.view.value = "compat";
  void app.compat.take(file, side);
  return true;
}

export function Page({ app, retry, device, drop }: PageProps) {
  const { store, player } = app;
  const replayed = app.explore.replay.value;
  return (
    <>
      <Header
        app={app}
        retry={retry}
        tools={
          <>
            {device && <DeviceButton device={device} />}
            {drop && <Drop drop={drop} open={app.open} lists={(file, side) => takeList(app, file, side)} />}
          </>
        }
      />
      <Nav view={app.view} />
      <main data-stale={store.stale.value} data-view={shown(app.view.value)}>
        <div class="heard">
          <Now store={store} />
          {replayed === null ? (
            <div class="below">
              <Similar store={store} player={player} open={app.open} />
              <Tags store={store} />
            </div>
          ) : (
            <Replayed app={app} moment={replayed} />
          )}
        </div>
        <Stage app={app} />
      </main>
      <SpokenMatch song={store.match.value?.song ?? null} />
      <SpokenRanking store={store} />
      <Vitals store={store} />
      <Dock store={store} player={player} />
    </>
  );
}
