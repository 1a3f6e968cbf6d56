import type { From } from "./capture";

/** Why a device does not listen, and what can be done about it. */
export interface Refusal {
  readonly why: string;
  readonly mend: string;
}

export const NEEDS_TLS: Refusal = {
  why: "The browser lends its microphone to this page only over https.",
  mend: "Start nowhear with --tls-cert FILE and --tls-key FILE, and open the page's https address. On the machine where nowhear runs, http://localhost works too.",
};

const BY_NAME: Readonly<Record<string, Refusal>> = {
  NotAllowedError: {
    why: "The browser may not use the microphone.",
    mend: "Allow it for this page in the browser's settings (beside the address), then try again.",
  },
  NotFoundError: {
    why: "There is no microphone.",
    mend: "Connect one, then try again.",
  },
  NotReadableError: {
    why: "The microphone cannot be opened.",
    mend: "Close the program that holds it, then try again.",
  },
  NoSoundError: {
    why: "What is shared comes without sound.",
    mend: "Share a tab, and tick “Also share tab audio” in the browser's window.",
  },
};

const NO_TAB: Refusal = {
  why: "The sound of that tab cannot be had.",
  mend: "Share another tab, or try another browser.",
};

/** Close codes after which to try again is no use (RFC 6455, 7.4.1). */
const FINAL = new Map([
  [1003, "The server did not take the sound."],
  [1007, "The server did not take the sound."],
  [1008, "The server closed the connection."],
  [1009, "The server did not take the sound."],
  [1013, "No more devices can listen."],
]);

/**
 * What to tell of an error of the browser or of a close of the server; null when there is nothing
 * to tell: the user has changed their mind, or the connection was lost and is tried again.
 */
export function refusal(error: unknown, from: From): Refusal | null {
  const { name, message, code, reason } = error as { name?: string; message?: string; code?: number; reason?: string };
  if (reason !== undefined) {
    const why = FINAL.get(code ?? 0);
    return why === undefined ? null : { why, mend: reason === "" ? "Try again later." : `It said: ${reason}.` };
  }
  if (from === "tab" && name === "NotAllowedError") return null; // the window was closed
  if (from === "tab" && (name === "NotFoundError" || name === "NotReadableError")) return NO_TAB;
  return BY_NAME[name ?? ""] ?? { why: "The sound cannot be taken.", mend: message || "Try another browser." };
}
