import type { Store } from "../store/store";
import type { Connection } from "../connection/link";
import type { Match, Source, Status } from "../protocol/types";

export interface Heard {
  connection: Connection["state"];
  status: Status | null;
  heard: "silence" | "sound" | null;
  /** What the daemon says of the song; null from one that names no songs. */
  match: Match["state"] | null;
  source: Source | null;
  words: readonly string[];
}

export interface Headline {
  /** Small line above the words. */
  lead: string;
  /** Large words: the state, or the sound's character. Empty when a song stands in their place. */
  words: readonly string[];
  detail: string | null;
}

const OPENING: Record<Source["kind"], string> = {
  microphone: "Opening the microphone",
  file: "Opening the file",
  stream: "Tuning in",
  stdin: "Waiting for standard input",
  device: "Opening the microphone",
};

/** The page's one sentence about this moment, the most urgent matter first. */
export function headline(now: Heard): Headline {
  return trouble(now) ?? sound(now);
}

/** What keeps the page from saying what is heard; null when nothing does. */
function trouble({ connection, status, heard, match, source }: Heard): Headline | null {
  const detail = status?.detail ?? null;
  const song = match === "identified"; // it stays to be seen, standing still
  if (connection === "lost") {
    if (song) return { lead: "No word from the daemon", words: [], detail: TOKEN_HINT };
    return { lead: "Out of reach", words: ["No word from the daemon"], detail: TOKEN_HINT };
  }
  if (source === null) return { lead: "One moment", words: ["Finding the daemon"], detail: null };
  if (status?.state === "lost") {
    return { lead: "The sound is gone", words: song ? [] : [source.name], detail };
  }
  if (status?.state === "ended") return { lead: "The end", words: ["Nothing more to hear"], detail };
  if (heard === null || status?.state === "starting") {
    return { lead: "One moment", words: [OPENING[source.kind]], detail };
  }
  return null;
}

function sound({ status, heard, match, words }: Heard): Headline {
  const detail = status?.detail ?? null;
  if ((match ?? heard) === "silence") return { lead: "Now hearing", words: ["Silence"], detail };
  if (match === "identified") return { lead: "Now playing", words: [], detail };
  if (match === "sound") return { lead: "Sound", words: ["Listening…"], detail };
  if (match === "unknown" && words.length === 0) return { lead: "Now hearing", words: [UNKNOWN], detail };
  if (match === "unknown") return { lead: `${UNKNOWN}. It sounds like`, words, detail };
  if (words.length === 0) return { lead: "Now hearing", words: ["Sound"], detail };
  return { lead: "Sounds like", words, detail };
}

const UNKNOWN = "Not in your catalog";

const TOKEN_HINT =
  "Is nowhear running? If it asks for a token, open the address that it printed when it started.";

/** The headline of what the store holds now. */
export function headlineOf(store: Store): Headline {
  return headline({
    connection: store.connection.value.state,
    status: store.status.value,
    heard: store.level.value?.state ?? null,
    match: store.match.value?.state ?? null,
    source: store.source.value,
    words: store.words.value,
  });
}
