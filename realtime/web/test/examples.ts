import type { Hello, Level, RankedSong, Similar, Status, Tags } from "../src/protocol/types";

export const CATALOG = { songs: 3, generation: 1 };
export const SOURCE = { kind: "microphone", name: "Line in", live: true } as const;

export const HELLO: Hello = {
  v: 1,
  type: "hello",
  version: "0.1.0",
  encoder: { name: "test", fingerprint: "00", window_s: 2, tags: ["rock"] },
  catalog: CATALOG,
  source: SOURCE,
};

export function status(change: Partial<Status> = {}): Status {
  return {
    v: 1,
    type: "status",
    source: SOURCE,
    state: "listening",
    detail: null,
    heard_s: 1,
    dropped_s: 0,
    dropped_blocks: 0,
    overruns: 0,
    latency: null,
    clients: 1,
    catalog: CATALOG,
    uptime_s: 1,
    ...change,
  };
}

export function level(atS: number, change: Partial<Level> = {}): Level {
  const bands = new Array<number>(48).fill(100);
  return { v: 1, type: "level", at_s: atS, rms_dbfs: -20, peak_dbfs: -9, state: "sound", bands, ...change };
}

export function song(id: number, change: Partial<RankedSong> = {}): RankedSong {
  return {
    song: id,
    title: `Title ${id}`,
    artist: `Artist ${id}`,
    album: null,
    genre: null,
    duration_s: 180,
    score: 0.5,
    audio: `/api/songs/${id}/audio`,
    ...change,
  };
}

export function similar(...ids: number[]): Similar {
  return { v: 1, type: "similar", at_s: 1, songs: ids.map((id) => song(id)), latency_ms: 30 };
}

export function tags(scores: Record<string, number>): Tags {
  const list = Object.entries(scores).map(([tag, probability]) => ({ tag, probability }));
  return { v: 1, type: "tags", at_s: 1, tags: list };
}
