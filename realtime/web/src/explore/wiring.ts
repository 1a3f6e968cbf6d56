import { batch, computed, effect } from "@preact/signals";
import type { App } from "../app";
import { since, withNewer } from "./evening";
import { decodeLink, encodeLink, type Link } from "./permalink";

const EVENING_EVERY_MS = 15_000;

/** Lets the parts of the page act on each other. Gives back what ends it. */
export function wire(app: App): () => void {
  const { explore, lists } = app;
  const stops = [
    effect(() => {
      explore.starred.value = lists.starred.value;
    }),
    followCatalog(app),
    effect(() => followConnection(app)),
    playSelected(app),
    // What was made may be new colours of the map.
    effect(() => {
      if (app.jobs.ended.value > 0) void explore.refreshMap();
    }),
  ];
  return () => stops.forEach((stop) => stop());
}

/** Another state of the catalog may have another map. */
function followCatalog({ store, explore }: App): () => void {
  // A text, since each status message brings the same state in another object.
  const state = computed(() => {
    const catalog = store.connection.value.state === "live" ? store.catalog.value : null;
    return catalog === null ? null : `${catalog.songs} ${catalog.generation}`;
  });
  return effect(() => {
    if (state.value !== null) void explore.refreshMap();
  });
}

function followConnection({ store, explore, lists, api }: App): (() => void) | undefined {
  if (store.connection.value.state !== "live") return undefined;
  const read = async (): Promise<void> => {
    const answer = await api.evening(since(explore.evening.peek()));
    if (answer.kind === "ok") explore.evening.value = withNewer(explore.evening.peek(), answer.value.moments);
    else if (answer.kind === "absent") clearInterval(timer);
  };
  const timer = setInterval(() => void read(), EVENING_EVERY_MS);
  void read();
  void lists.refresh();
  return () => clearInterval(timer);
}

/** A song that is selected by hand plays. */
function playSelected({ explore, player }: App): () => void {
  return effect(() => {
    const detail = explore.detail.value;
    if (detail === null || explore.quiet.peek() === detail.song.song) return;
    if (player.now.peek()?.song.song !== detail.song.song) player.play([{ song: detail.song }]);
  });
}

/** What the address bar has to hold now. */
export function linkOf({ explore, view }: App): Link {
  return {
    view: view.value,
    song: explore.selected.value,
    count: explore.count.value,
    least: explore.leastScore.value,
    hidden: [...explore.hidden.value].toSorted(),
    colour: explore.colourBy.value,
    camera: explore.camera.value,
  };
}

/** Brings the page to where a link leads. */
export function follow(app: App, link: Link): void {
  const { explore } = app;
  batch(() => {
    app.view.value = link.view;
    explore.count.value = link.count;
    explore.hidden.value = new Set(link.hidden);
    explore.colourBy.value = link.colour;
    explore.camera.value = link.camera;
    // A link with a camera shows what its sender saw; one without flies to its song.
    explore.select(link.song, { fly: link.camera === null, quiet: true });
  });
  explore.leastScore.value = link.least; // after the selection, which clears it
}

/** Keeps the address bar at what is shown, and follows it when the user changes it. */
export function keepAddress(app: App): () => void {
  let written = location.hash.replace(/^#/, "");
  follow(app, decodeLink(written));
  const changed = (): void => {
    const hash = location.hash.replace(/^#/, "");
    if (hash !== written) follow(app, decodeLink((written = hash)));
  };
  addEventListener("hashchange", changed);
  let timer: ReturnType<typeof setTimeout> | undefined;
  const stop = effect(() => {
    const hash = encodeLink(linkOf(app));
    clearTimeout(timer);
    // Browsers refuse an address that changes with every step of a slider.
    timer = setTimeout(() => {
      if (hash === written) return;
      written = hash;
      history.replaceState(null, "", `${location.pathname}${location.search}${hash && `#${hash}`}`);
    }, ADDRESS_AFTER_MS);
  });
  return () => {
    clearTimeout(timer);
    removeEventListener("hashchange", changed);
    stop();
  };
}

const ADDRESS_AFTER_MS = 300;
