import { batch, computed, effect, signal, untracked } from "@preact/signals";
import type { MapData } from "../map/data";
import type { RankedSong } from "../protocol/types";
import type { Api } from "./api";
import { Names } from "./names";
import type { CameraState, ColourBy, Moment, SongDetail, SongRow } from "./types";

/** Neighbours of the selected song that are shown: as many as in the page's forerunner. */
export const DEFAULT_COUNT = 3;
export const MOST_COUNT = 50;

export type Explore = ReturnType<typeof createExplore>;

/** A wish to see a song; `tick` tells two wishes for the same song apart. */
export interface Flight {
  readonly song: number;
  readonly tick: number;
}

/** All that the views of the catalog share: what is selected, near it, filtered and replayed. */
export function createExplore(api: Api) {
  const map = signal<MapData | null>(null);
  /** Why there is no map; null while there is one, or before the answer. */
  const mapTrouble = signal<string | null>(null);
  const selected = signal<number | null>(null);
  const detail = signal<SongDetail | null>(null);
  /** Why the selected song cannot be shown. */
  const trouble = signal<string | null>(null);
  const nearest = signal<readonly RankedSong[]>([]);
  const count = signal(DEFAULT_COUNT);
  const scores = signal<Float32Array | null>(null);
  const leastScore = signal<number | null>(null);
  const hidden = signal<ReadonlySet<string>>(new Set());
  const colourBy = signal<ColourBy>("genre");
  const hovered = signal<number | null>(null);
  const camera = signal<CameraState | null>(null);
  const flyTo = signal<Flight | null>(null);
  const starred = signal<ReadonlySet<number>>(new Set());
  const replay = signal<Moment | null>(null);
  const evening = signal<readonly Moment[]>([]);
  /** The path that was made last; empty for none. */
  const pathSongs = signal<readonly SongRow[]>([]);
  /** Songs that came as a surprise lately, newest last. */
  const surprised = signal<readonly number[]>([]);
  /** The selected song when it was selected without sound. */
  const quiet = signal<number | null>(null);
  const names = new Names(api);

  /**
   * Selects a song, or none. Whoever comes from elsewhere than the map flies there; `quiet` is a
   * selection that nobody made by hand, such as that of a link: it does not begin to play.
   */
  function select(song: number | null, { fly = true, quiet: soundless = false } = {}): void {
    batch(() => {
      quiet.value = soundless ? song : null;
      selected.value = song;
      if (song !== null && fly) flyTo.value = { song, tick: (flyTo.value?.tick ?? 0) + 1 };
    });
  }

  /** Asks for the map when there is another one than the one that is held. */
  async function refreshMap(): Promise<void> {
    const answer = await api.map(map.value?.version ?? null);
    if (answer.kind === "ok" && answer.value !== null) map.value = answer.value;
    mapTrouble.value = answer.kind === "ok" ? null : answer.why;
  }

  const stops = [
    effect(() => {
      const song = selected.value;
      untracked(() => {
        // The song before is seen until the new one is here: a list that vanishes takes the
        // keyboard's focus with it.
        scores.value = leastScore.value = trouble.value = null;
        if (song !== null) return;
        detail.value = null;
        nearest.value = [];
      });
      if (song === null) return undefined;
      return latest(api.song(song), (answer) => {
        detail.value = answer.kind === "ok" ? answer.value : null;
        if (answer.kind === "ok") names.put([answer.value.song]);
        else trouble.value = answer.why;
      });
    }),
    effect(() => {
      const song = selected.value;
      const wanted = count.value;
      if (song === null) return undefined;
      return latest(api.similar(song, wanted), (answer) => {
        if (answer.kind !== "ok") return void (nearest.value = []);
        nearest.value = answer.value.songs;
        names.put(answer.value.songs);
      });
    }),
    effect(() => {
      const song = selected.value;
      const version = map.value?.version;
      if (song === null || version === undefined) return undefined;
      return latest(api.scores(song, version), (answer) => {
        const fits = answer.kind === "ok" && answer.value.length === map.peek()?.ids.length;
        scores.value = fits ? answer.value : null;
        if (answer.kind === "failed" && answer.status === CONFLICT) void refreshMap();
      });
    }),
  ];

  return {
    map,
    mapTrouble,
    selected,
    detail,
    trouble,
    nearest,
    count,
    scores,
    leastScore,
    hidden,
    colourBy,
    hovered,
    camera,
    flyTo,
    starred,
    replay,
    evening,
    pathSongs,
    path: computed(() => pathSongs.value.map((one) => one.song)),
    surprised,
    quiet,
    select,
    refreshMap,
    /** Asks for the names of these songs, which `nameOf` then knows. */
    names: (ids: Iterable<number>) => names.want(ids),
    nameOf: (id: number) => names.of(id),
    put: names.put.bind(names),
    destroy: () => stops.forEach((stop) => stop()),
  };
}

const CONFLICT = 409;

/** Uses the answer unless something newer was asked meanwhile; the effect's way to say so. */
function latest<T>(answer: Promise<T>, use: (value: T) => void): () => void {
  let stale = false;
  void answer.then((value) => {
    if (!stale) batch(() => use(value));
  });
  return () => {
    stale = true;
  };
}
