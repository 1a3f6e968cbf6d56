import { computed, effect, type ReadonlySignal } from "@preact/signals";
import type { Explore } from "../explore/state";
import type { Store } from "../store/store";
import { theme } from "../theme";
import { captions } from "./captions";
import type { Categories } from "./categories";
import { placeOf, type MapData } from "./data";
import { placesOf, standouts } from "./focus";
import { heardNow, heardThen, placeNow } from "./heard";
import { shine } from "./light";
import { pathOf } from "./path";
import { regionsOf } from "./regions";
import type { MapScene } from "./scene";

/** What the map shows. */
export interface Sources {
  readonly store: Pick<Store, "place" | "similar" | "match">;
  readonly explore: Explore;
  /** How the songs are sorted by what they are coloured by. */
  readonly categories: ReadonlySignal<Categories | null>;
}

const TIME = new Intl.DateTimeFormat("en", { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });

type Stops = (() => void)[];

/** Places, colours and light of all songs. */
export function followMap(scene: MapScene, { explore, categories }: Sources): Stops {
  let shown: MapData | null = null;
  return [
    effect(() => {
      const [map, sorted] = [explore.map.value, categories.value];
      if (map === null || sorted === null) return;
      const light = new Uint8Array(map.ids.length);
      shine(light, sorted, explore.hidden.value, {
        scores: explore.scores.value,
        least: explore.leastScore.value,
      });
      if (map !== shown) scene.setMap(map, sorted.lineOf, light);
      else scene.setLight(light);
      shown = map;
    }),
    effect(() => {
      if (categories.value !== null) scene.setLines(categories.value.lineOf);
    }),
    effect(() => {
      const ranks = categories.value?.legend.map((category) => category.rank) ?? [];
      scene.setTheme(ranks, theme.value);
    }),
  ];
}

/** The place of the sound: of now, or of the moment that is replayed. */
export function followHeard(
  scene: MapScene,
  { store, explore }: Sources,
  following: ReadonlySignal<boolean>,
): Stops {
  const path = computed(() => pathOf(explore.evening.value));
  return [
    effect(() => {
      const place = store.place.value;
      if (place === null) scene.now.trail.clear();
      if (scene.resting) scene.now.arrive();
      if (place !== null) scene.now.mark(place.at_s);
      scene.now.send(placeNow(place));
      scene.touch();
    }),
    effect(() => {
      const moment = explore.replay.value;
      scene.replaying = moment !== null;
      scene.liveTitle = moment === null ? "Now" : TIME.format(moment.at * 1000);
      scene.then.send(moment?.xyz ?? null);
      scene.setPath(moment === null ? [] : path.value, moment?.at ?? 0);
      scene.touch();
    }),
    effect(() => {
      const moment = explore.replay.value;
      const place = moment === null ? placeNow(store.place.value) : moment.xyz;
      if (!following.value || place === null) return;
      scene.rig.follow(place);
      scene.wake();
    }),
  ];
}

/** Flights that were made, so that a map that is opened again does not repeat the last one. */
const flown = new WeakMap<Explore, number>();

/** Songs that stand out, their names, and flights to them. `near`: those nearest to the camera. */
export function followSongs(
  scene: MapScene,
  { store, explore, categories }: Sources,
  near: ReadonlySignal<readonly number[]>,
): Stops {
  const silent = computed(() => placeNow(store.place.value) === null);
  const heard = computed(() => {
    const moment = explore.replay.value;
    if (moment !== null) return heardThen(moment);
    return heardNow(store.similar.value, store.match.value, silent.value);
  });
  const shown = computed(() => {
    const map = explore.map.value;
    const nearest = explore.nearest.value.map((one) => one.song);
    const songs = { selected: explore.selected.value, nearest, heard: heard.value };
    return { map, songs, standouts: map === null ? [] : standouts(map, songs) };
  });
  const regions = computed(() => {
    const [map, sorted] = [explore.map.value, categories.value];
    return map === null || sorted === null ? [] : regionsOf(map, sorted);
  });
  return [
    effect(() => {
      const { map, songs, standouts } = shown.value;
      if (map === null) return;
      const selected = songs.selected === null ? null : placeOf(map, songs.selected);
      const places = { nearest: placesOf(map, songs.nearest), ranked: placesOf(map, songs.heard.ranked) };
      scene.setShown({ standouts, selected, ...places });
      explore.names(standouts.map((one) => one.song));
    }),
    effect(() => {
      const { map, standouts } = shown.value;
      if (map === null) return;
      const seen = regions.value.filter((region) => !explore.hidden.value.has(region.key));
      explore.names(near.value);
      scene.setCaptions(captions(map, standouts, near.value, explore.nameOf, seen));
    }),
    effect(() => {
      const [map, song] = [explore.map.value, explore.hovered.value];
      scene.setHovered(map === null || song === null ? null : placeOf(map, song));
      if (song !== null) explore.names([song]);
    }),
    effect(() => {
      const [map, flight] = [explore.map.value, explore.flyTo.value];
      if (map === null || flight === null || flown.get(explore) === flight.tick) return;
      const place = placeOf(map, flight.song);
      if (place === null) return;
      flown.set(explore, flight.tick);
      scene.rig.visit(place, map.ids.length);
      scene.wake();
    }),
  ];
}
