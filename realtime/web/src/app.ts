import { signal } from "@preact/signals";
import { createApi } from "./explore/api";
import { createLists } from "./explore/lists";
import type { ViewName } from "./explore/permalink";
import { createCompat } from "./explore/compat";
import { createExplore } from "./explore/state";
import { createJobs } from "./explore/jobs";
import { wide } from "./layout";
import type { Player } from "./player/player";
import type { Store } from "./store/store";

export type App = ReturnType<typeof createApp>;

/** All parts of the page under one name; views take from it what they need. */
export function createApp(store: Store, player: Player, page: string, fetch: typeof globalThis.fetch) {
  const api = createApi(fetch, page);
  const explore = createExplore(api);
  const lists = createLists(api);
  const jobs = createJobs(api, store.jobs);
  const compat = createCompat(api);
  const view = signal<ViewName>("now");

  /** Selects a song by hand. Where there is room for one thing only, that is then the song. */
  function open(song: number): void {
    explore.select(song);
    if (!wide.value) view.value = "map";
  }

  return { store, player, page, api, explore, lists, jobs, compat, view, open };
}
