/** What fingers and buttons do to the map; lengths in pixels. */
export type Gesture =
  | { readonly kind: "turn" | "pan"; readonly dx: number; readonly dy: number }
  | { readonly kind: "zoom"; readonly factor: number; readonly x: number; readonly y: number }
  | { readonly kind: "tap"; readonly x: number; readonly y: number };

export interface Pointer {
  readonly id: number;
  readonly x: number;
  readonly y: number;
  /** Held with the right button, or with shift: moves instead of turning. */
  readonly pans?: boolean;
}

/** A finger that has moved no farther than this has tapped. */
const STILL_PX = 7;

/** Turns pointers into gestures: one turns or pans, two pan and zoom, a still one taps. */
export class Gestures {
  readonly #held = new Map<number, Pointer>();
  #start: Pointer | null = null;

  get busy(): boolean {
    return this.#held.size > 0;
  }

  down(pointer: Pointer): void {
    this.#start = this.#held.size === 0 ? pointer : null;
    this.#held.set(pointer.id, pointer);
  }

  move(pointer: Pointer): Gesture[] {
    const before = this.#held.get(pointer.id);
    if (before === undefined) return [];
    const other = [...this.#held.values()].find((one) => one.id !== pointer.id);
    this.#held.set(pointer.id, { ...pointer, pans: before.pans ?? false });
    if (other !== undefined) return between(before, pointer, other);
    if (this.#start !== null && apart(this.#start, pointer) <= STILL_PX) return [];
    this.#start = null;
    const kind = before.pans === true ? "pan" : "turn";
    return [{ kind, dx: pointer.x - before.x, dy: pointer.y - before.y }];
  }

  /** Ends with a tap when the pointer was alone and still; `cancelled`: it was taken away. */
  up(pointer: Pointer, { cancelled = false } = {}): Gesture[] {
    const tapped = this.#held.size === 1 && this.#start?.id === pointer.id && this.#start.pans !== true;
    this.#held.delete(pointer.id);
    const start = this.#start;
    this.#start = null;
    if (!tapped || cancelled || start === null) return [];
    return [{ kind: "tap", x: start.x, y: start.y }];
  }
}

/** One of two fingers has moved: their middle drags, their distance zooms. */
function between(before: Pointer, after: Pointer, other: Pointer): Gesture[] {
  const drag: Gesture = { kind: "pan", dx: (after.x - before.x) / 2, dy: (after.y - before.y) / 2 };
  const [wide, wider] = [apart(before, other), apart(after, other)];
  if (wide === 0 || wider === 0) return [drag];
  const middle = { x: (after.x + other.x) / 2, y: (after.y + other.y) / 2 };
  return [drag, { kind: "zoom", factor: wider / wide, ...middle }];
}

function apart(one: Pointer, other: Pointer): number {
  return Math.hypot(one.x - other.x, one.y - other.y);
}
