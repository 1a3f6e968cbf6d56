import { batch, effect, signal } from "@preact/signals";
import type { MapData } from "../map/data";
import type { RankedSong } from "../protocol/types";
import type { Api } from "./api";
import { Names } from "./names";
import type { CameraState, ColourBy, Moment, SongDetail } from "./types";

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
  const names = new Names(api);

  /** Selects a song, or none; whoever comes from elsewhere than the map flies there. */
  function select(song: number | null, { fly = true }: { fly?: boolean } = {}): void {
    batch(() => {
      if (song !== selected.value) {
        selected.value = song;
        detail.value = scores.value = leastScore.value = trouble.value = null;
        nearest.value = [];
      }
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
      if (song === null) return undefined;
      return latest(api.song(song), (answer) => {
        if (answer.kind !== "ok") trouble.value = answer.why;
        else names.put([(detail.value = answer.value).song]);
      });
    }),
    effect(() => {
      const song = selected.value;
      const wanted = count.value;
      if (song === null) return undefined;
      return latest(api.similar(song, wanted), (answer) => {
        if (answer.kind !== "ok") return;
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
