import type { Player } from "../player/player";
import type { Store } from "../store/store";
import { Dock } from "./dock";
import { Header } from "./header";
import { Now } from "./now";
import { Similar } from "./similar";
import { Tags } from "./tags";
import { Vitals } from "./vitals";

export interface PageProps {
  store: Store;
  player: Player;
  retry: () => void;
}

export function Page({ store, player, retry }: PageProps) {
  return (
    <>
      <Header store={store} retry={retry} />
      <main data-stale={store.stale.value}>
        <Now store={store} />
        <div class="below">
          <Similar store={store} player={player} />
          <Tags store={store} />
        </div>
      </main>
      <Vitals store={store} />
      <Dock store={store} player={player} />
    </>
  );
}
