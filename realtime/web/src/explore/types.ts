import type { Point } from "../map/data";
import type { Match, MatchedSong, RankedSong, TagScore } from "../protocol/types";

/** A song as every route of `/api/` gives it; `gone` of one that is kept but no more in the catalog. */
export type SongRow = MatchedSong & { readonly gone?: boolean };

/** What is shown of one song beside its row. */
export interface SongDetail {
  readonly song: SongRow;
  /** The likeliest tags, likeliest first. */
  readonly tags: readonly TagScore[];
  readonly starred: boolean;
}

/** A page of songs, and how many there are in all. */
export interface SongPage {
  readonly songs: readonly SongRow[];
  readonly total: number;
}

/** Why two songs sound alike. */
export interface Why {
  readonly cosine: number;
  /** Shared tags with their probabilities in both songs, strongest first. */
  readonly tags: readonly { readonly tag: string; readonly a: number; readonly b: number }[];
  readonly passages: readonly Passage[];
  /** Said when there are no passages. */
  readonly note?: string | null;
}

/** Stretches of both songs that sound most alike; seconds within the songs. */
export interface Passage {
  readonly a_s: number;
  readonly b_s: number;
  readonly length_s: number;
  readonly cosine: number;
}

export interface Playlist {
  readonly id: number;
  readonly name: string;
  readonly songs: readonly SongRow[];
}

/** A song that was played, as `nowhear history --json` writes it, with its id for paging. */
export interface Play {
  readonly id: number;
  readonly song: number;
  readonly title: string;
  readonly artist: string | null;
  readonly source_name: string;
  /** ISO 8601, UTC. */
  readonly started_at: string;
  readonly ended_at: string;
  readonly rate: number;
  readonly confidence: number;
}

/** One day: seconds in which songs were named in each of its 24 hours, and its tags. */
export interface Day {
  readonly hours: readonly number[];
  readonly tags: readonly { readonly tag: string; readonly share: number }[];
}

/** What was heard at one moment of the evening. */
export interface Moment {
  /** Unix time in seconds. */
  readonly at: number;
  readonly xyz: Point | null;
  readonly state: Match["state"];
  readonly song: number | null;
  readonly title: string | null;
  readonly artist: string | null;
  readonly similar: readonly Pick<RankedSong, "song" | "title" | "artist" | "score">[];
  readonly tags: readonly TagScore[];
}

export interface Evening {
  readonly every_s: number;
  readonly moments: readonly Moment[];
}

/** A song for somebody, and how near it is to what they like; null where nothing tells. */
export interface ForSomebody extends RankedSong {
  /** By sound, -1 to 1. */
  readonly content: number | null;
  /** By what else its listeners play, -1 to 1. */
  readonly taste: number | null;
}

/** Songs for whoever uses this catalog. */
export interface ForYou {
  readonly blend: number;
  /** So many stars and played songs it rests on. */
  readonly from: { readonly stars: number; readonly plays: number };
  /** What was learned from listening data; null: nothing was, and sound alone decides. */
  readonly model: string | null;
  readonly note?: string | null;
  readonly songs: readonly ForSomebody[];
}

/** How a theme differs from all songs: `score` in standard deviations. */
export interface Trait {
  readonly name: string;
  readonly value: number;
  readonly mean: number;
  readonly score: number;
}

/** A cluster of songs that are alike. */
export interface Theme {
  readonly theme: number;
  readonly name: string;
  readonly songs: number;
  readonly profile: readonly Trait[];
  readonly tags: readonly Trait[];
  readonly typical: readonly SongRow[];
  /** Typical tracks of a dataset that are no songs of the catalog. */
  readonly tracks?: readonly { readonly dataset: string; readonly key: string; readonly title: string | null; readonly artist: string | null }[];
}

/** A list of songs to compare: ids, or the text of a file. */
export type Liked =
  | { readonly name: string; readonly songs: readonly number[] }
  | { readonly name: string; readonly text: string; readonly format: ExportFormat };

export interface LikedFound {
  readonly name: string;
  /** So many of its songs are in the catalog. */
  readonly songs: number;
  readonly not_found: readonly string[];
}

/** How well two lists go together. */
export interface Compat {
  readonly score: number;
  /** The share of pairs of random lists that score less. */
  readonly percentile: number;
  readonly model: string | null;
  readonly a: LikedFound;
  readonly b: LikedFound;
  readonly shared: readonly SongRow[];
  readonly for_a: readonly ForSomebody[];
  readonly for_b: readonly ForSomebody[];
}

/** Where the map's camera stands, and what it looks at. */
export interface CameraState {
  readonly target: Point;
  readonly position: Point;
}

export type ColourBy = "genre" | "tag" | "theme";

export type Order = "title" | "artist" | "album" | "genre" | "added" | "id";

export type ExportFormat = "m3u8" | "csv" | "json";

/** An answer of the server; what went wrong is a value too. */
export type Answer<T> =
  | { readonly kind: "ok"; readonly value: T }
  /** The server does not have it: an older server without this part, or a song that is gone. */
  | { readonly kind: "absent"; readonly why: string }
  | { readonly kind: "failed"; readonly status: number; readonly why: string };
