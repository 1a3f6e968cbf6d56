import type { Connection } from "../connection/link";
import type { Source, Status } from "../protocol/types";

export interface Heard {
  connection: Connection["state"];
  status: Status | null;
  heard: "silence" | "sound" | null;
  source: Source | null;
  words: readonly string[];
}

export interface Headline {
  /** Small line above the words. */
  lead: string;
  /** Large words: the state, or the sound's character. */
  words: readonly string[];
  detail: string | null;
}

const OPENING: Record<Source["kind"], string> = {
  microphone: "Opening the microphone",
  file: "Opening the file",
  stream: "Tuning in",
  stdin: "Waiting for standard input",
};

/** The page's one sentence about this moment, the most urgent matter first. */
export function headline({ connection, status, heard, source, words }: Heard): Headline {
  const detail = status?.detail ?? null;
  if (connection === "lost") {
    return { lead: "Out of reach", words: ["No word from the daemon"], detail: TOKEN_HINT };
  }
  if (source === null) return { lead: "One moment", words: ["Finding the daemon"], detail: null };
  if (status?.state === "lost") return { lead: "The sound is gone", words: [source.name], detail };
  if (status?.state === "ended") return { lead: "The end", words: ["Nothing more to hear"], detail };
  if (heard === null || status?.state === "starting") {
    return { lead: "One moment", words: [OPENING[source.kind]], detail };
  }
  if (heard === "silence") return { lead: "Now hearing", words: ["Silence"], detail };
  if (words.length === 0) return { lead: "Now hearing", words: ["Sound"], detail };
  return { lead: "Sounds like", words, detail };
}

const TOKEN_HINT =
  "Is nowhear running? If it asks for a token, open the address that it printed when it started.";
