import { sameServer } from "../connection/addresses";
import { readMap, type MapData } from "../map/data";
import type { RankedSong } from "../protocol/types";
import type {
  Answer,
  ColourBy,
  Compat,
  Day,
  Evening,
  ExportFormat,
  ForYou,
  Liked,
  Order,
  Play,
  Playlist,
  SongDetail,
  SongPage,
  SongRow,
  Theme,
  Why,
} from "./types";

export interface SongQuery {
  readonly text?: string;
  readonly ids?: readonly number[];
  readonly limit?: number;
  readonly offset?: number;
  readonly order?: Order;
  readonly descending?: 1;
  /** With `only` or `without`: what the names there are. */
  readonly by?: ColourBy;
  readonly only?: readonly string[];
  readonly without?: readonly string[];
}

/** Most songs that the server gives for one list of ids. */
export const MOST_IDS = 500;

export type Api = ReturnType<typeof createApi>;

type Fields = Record<string, string | number | readonly string[] | undefined>;

/**
 * Everything that the page asks of its server beside the websocket. `page` is the page's address:
 * requests go to the same server, with the page's token, and nowhere else.
 */
export function createApi(fetch: typeof globalThis.fetch, page: string) {
  function address(path: string, fields: Fields = {}): string {
    const query = new URLSearchParams();
    for (const [name, value] of Object.entries(fields)) {
      if (typeof value === "object") for (const one of value) query.append(name, one);
      else if (value !== undefined) query.set(name, String(value));
    }
    const text = query.toString();
    const found = sameServer(`api/${path}${text && `?${text}`}`, page);
    if (found === null) throw new Error(`${path} leads away from the server`);
    return found;
  }

  async function ask(path: string, fields?: Fields, init?: RequestInit): Promise<Answer<Response>> {
    try {
      const response = await fetch(address(path, fields), { credentials: "same-origin", ...init });
      if (response.ok) return { kind: "ok", value: response };
      const why = await reason(response);
      return response.status === 404 ? { kind: "absent", why } : { kind: "failed", status: response.status, why };
    } catch {
      return { kind: "failed", status: 0, why: "The server cannot be reached." };
    }
  }

  async function json<T>(path: string, fields?: Fields, init?: RequestInit): Promise<Answer<T>> {
    return then(await ask(path, fields, init), async (response) => (await response.json()) as T);
  }

  const send = <T>(method: string, path: string, body?: unknown): Promise<Answer<T>> =>
    json<T>(path, {}, body === undefined ? { method } : { method, headers: JSON_TYPE, body: JSON.stringify(body) });

  return {
    /** The map with all its places; null when it is still `known`, the version that is held. */
    async map(known: string | null): Promise<Answer<MapData | null>> {
      const about = await json<{ version?: string }>("map");
      if (about.kind !== "ok") return about;
      const { version } = about.value;
      if (version !== undefined && version === known) return { kind: "ok", value: null };
      const bytes = await then(await ask("map.bin", { version }), (response) => response.arrayBuffer());
      if (bytes.kind !== "ok") return bytes;
      const reading = readMap(about.value, bytes.value);
      if (reading.kind === "map") return { kind: "ok", value: reading.map };
      return { kind: "failed", status: 200, why: `The map cannot be read: ${reading.why}.` };
    },
    songs: ({ ids, ...rest }: SongQuery) => json<SongPage>("songs", { ...rest, ids: ids?.join(",") }),
    song: (id: number) => json<SongDetail>(`songs/${id}`),
    similar: (id: number, n: number) => json<{ songs: RankedSong[] }>(`songs/${id}/similar`, { n }),
    /** Cosine of every song of the map `version` with this one, in the map's order. */
    async scores(id: number, version: string): Promise<Answer<Float32Array>> {
      const response = await ask(`songs/${id}/scores`, { map: version });
      return then(response, async (one) => new Float32Array(await one.arrayBuffer()));
    },
    why: (a: number, b: number) => json<Why>(`songs/${a}/why/${b}`),
    path: (from: number, to: number, length: number) =>
      send<{ songs: SongRow[] }>("POST", "path", { from, to, length }),
    stars: () => json<{ songs: SongRow[] }>("stars"),
    star: (id: number) => send<unknown>("PUT", `stars/${id}`),
    unstar: (id: number) => send<unknown>("DELETE", `stars/${id}`),
    orderStars: (songs: readonly number[]) => send<unknown>("PUT", "stars", { songs }),
    playlists: () => json<{ playlists: Playlist[] }>("playlists"),
    addPlaylist: (name: string, songs: readonly number[]) => send<Playlist>("POST", "playlists", { name, songs }),
    setPlaylist: (id: number, name: string, songs: readonly number[]) =>
      send<Playlist>("PUT", `playlists/${id}`, { name, songs }),
    removePlaylist: (id: number) => send<unknown>("DELETE", `playlists/${id}`),
    plays: (limit: number, before?: number) => json<{ plays: Play[] }>("plays", { limit, before }),
    /** `date` as YYYY-MM-DD in the zone that is `minutes` east of UTC. */
    day: (date: string, minutes: number) => json<Day>("plays/day", { date, tz_min: minutes }),
    forYou: (blend: number, n: number) => json<ForYou>("foryou", { blend, n }),
    themes: () => json<{ themes: Theme[] }>("themes"),
    compat: (a: Liked, b: Liked) => send<Compat>("POST", "compat", { a, b }),
    beginJob: (command: string) => send<{ job: number }>("POST", "jobs", { command }),
    cancelJob: (id: number) => send<unknown>("DELETE", `jobs/${id}`),
    evening: (since: number) => json<Evening>("evening", { since }),
    /** Where the browser downloads a list from: `playlist` null for the favourites. */
    exportAddress: (playlist: number | null, format: ExportFormat): string =>
      address(playlist === null ? "stars/export" : `playlists/${playlist}/export`, { format }),
  };
}

const JSON_TYPE = { "content-type": "application/json" };

/** Carries an answer on; an answer that breaks off or cannot be read is a failure. */
async function then<T>(answer: Answer<Response>, use: (response: Response) => Promise<T>): Promise<Answer<T>> {
  if (answer.kind !== "ok") return answer;
  const { status } = answer.value;
  if (status === NO_CONTENT) return { kind: "ok", value: undefined as T };
  try {
    return { kind: "ok", value: await use(answer.value) };
  } catch {
    return { kind: "failed", status, why: "The server's answer cannot be read." };
  }
}

const NO_CONTENT = 204;

async function reason(response: Response): Promise<string> {
  try {
    const body = (await response.json()) as { error?: unknown };
    if (typeof body.error === "string") return body.error;
  } catch {
    // No JSON: the status says all there is.
  }
  return `The server answered ${response.status}.`;
}
