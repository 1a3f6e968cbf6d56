import schema from "../../../schema.json";
import { fits, type Node } from "./fits";
import type { ServerMessage } from "./types";

/** The protocol version that this page was written for. */
export const PROTOCOL_VERSION = 1;

export type Reading =
  | { kind: "message"; message: ServerMessage }
  | { kind: "newer"; why: string }
  | { kind: "broken"; why: string };

const { discriminator, $defs } = schema;
const DEFINITIONS = $defs as unknown as Record<string, Node>;
const MAPPING: Record<string, string> = discriminator.mapping;

/**
 * One message from its text. Fields that the schema does not name are let through: a daemon of the
 * same version may say more than this page knows.
 */
export function read(text: string): Reading {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { kind: "broken", why: "not JSON" };
  }
  if (typeof value !== "object" || value === null) return { kind: "broken", why: "not an object" };
  const { v, type } = value as { v?: unknown; type?: unknown };
  if (v !== PROTOCOL_VERSION) {
    return { kind: "newer", why: `protocol version ${String(v)}, expected ${PROTOCOL_VERSION}` };
  }
  const reference = typeof type === "string" && Object.hasOwn(MAPPING, type) ? MAPPING[type] : null;
  if (!reference) return { kind: "newer", why: `unknown message type ${String(type)}` };
  const misfit = fits(value, { $ref: reference }, DEFINITIONS);
  if (misfit !== null) return { kind: "broken", why: `${String(type)}: ${misfit}` };
  return { kind: "message", message: value as ServerMessage };
}

/** Samples of credit, when that is what a message to a device gives; else null. */
export function creditIn(text: string): number | null {
  if (!text.includes('"credit"')) return null; // most messages: not worth reading twice
  try {
    const value = JSON.parse(text) as { samples?: unknown };
    return fits(value, { $ref: "#/$defs/Credit" }, DEFINITIONS) === null ? (value.samples as number) : null;
  } catch {
    return null;
  }
}
