import type { Hello, Jobs, Level, Match, Place, ServerMessage, Similar, Status, Tags } from "../protocol/types";

/** The newest message of every topic; null before the first. */
export interface Topics {
  readonly hello: Hello | null;
  readonly status: Status | null;
  readonly level: Level | null;
  /** Stays null with a daemon that names no songs. */
  readonly match: Match | null;
  readonly similar: Similar | null;
  readonly tags: Tags | null;
  /** Where on the map the sound is; stays null with a daemon without a map. */
  readonly place: Place | null;
  /** Stays null while there has never been a long command. */
  readonly jobs: Jobs | null;
}

export const NOTHING: Topics = {
  hello: null,
  status: null,
  level: null,
  match: null,
  similar: null,
  tags: null,
  place: null,
  jobs: null,
};

/**
 * The topics after `message`. A message is the whole state of its topic, so it replaces the one
 * before; `hello` begins a connection, perhaps to a restarted daemon, so it clears the others.
 */
export function accept(topics: Topics, message: ServerMessage): Topics {
  if (message.type === "hello") return { ...NOTHING, hello: message };
  return { ...topics, [message.type]: message };
}
