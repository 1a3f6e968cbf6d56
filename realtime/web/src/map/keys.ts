/** What a key does to the map. */
export type Command =
  | { readonly kind: "turn" | "pan"; readonly dx: number; readonly dy: number }
  | { readonly kind: "zoom"; readonly factor: number }
  | { readonly kind: "home" | "leave" | "choose" };

const STEP = 0.06; // heights of the view
const ZOOM_STEP = 1.18;
const LEAP = 1.6;

const ARROWS: Readonly<Record<string, readonly [dx: number, dy: number]>> = {
  ArrowLeft: [1, 0],
  ArrowRight: [-1, 0],
  ArrowUp: [0, 1],
  ArrowDown: [0, -1],
};

export type KeyPress = Pick<KeyboardEvent, "key" | "shiftKey" | "ctrlKey" | "altKey" | "metaKey">;

/** The command of a key; null when it is not the map's. The camera goes where the arrow points. */
export function commandOf({ key, shiftKey, ctrlKey, altKey, metaKey }: KeyPress): Command | null {
  if (ctrlKey || altKey || metaKey) return null;
  const arrow = ARROWS[key];
  if (arrow !== undefined) {
    return { kind: shiftKey ? "pan" : "turn", dx: arrow[0] * STEP, dy: arrow[1] * STEP };
  }
  if (key === "+" || key === "=") return { kind: "zoom", factor: ZOOM_STEP };
  if (key === "-" || key === "_") return { kind: "zoom", factor: 1 / ZOOM_STEP };
  if (key === "PageUp") return { kind: "zoom", factor: LEAP };
  if (key === "PageDown") return { kind: "zoom", factor: 1 / LEAP };
  if (key === "Home") return { kind: "home" };
  if (key === "Escape") return { kind: "leave" };
  if (key === "Enter" || key === " ") return { kind: "choose" };
  return null;
}
