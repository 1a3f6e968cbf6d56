import type { Hello, Level, Match, MatchedSong, RankedSong, Similar, Status, Tags } from "../src/protocol/types";

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

export const PLAYING: MatchedSong = {
  song: 7,
  title: "Title 7",
  artist: "Artist 7",
  album: "Album 7",
  genre: null,
  duration_s: 200,
  audio: "/api/songs/7/audio",
};

/** Since second 4 of the source a song plays, at second 10 it has come to its second 60. */
export function match(state: Match["state"], change: Partial<Match> = {}): Match {
  const always = { v: 1, type: "match", at_s: 10, since_s: 4, state } as const;
  if (state === "identified") return { ...always, song: PLAYING, position_s: 60, rate: 1, confidence: 0.99, ...change };
  return { ...always, song: null, position_s: null, rate: null, confidence: null, ...change };
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
