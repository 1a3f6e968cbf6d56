import { Gestures, type Gesture, type Pointer } from "./gestures";
import { commandOf, type Command } from "./keys";

export interface Hands {
  /** Someone takes the map in hand. */
  touch: () => void;
  gesture: (gesture: Gesture) => void;
  command: (command: Command) => void;
  /** Where a mouse points, in pixels of the map; null when it has gone. */
  point: (at: { readonly x: number; readonly y: number } | null) => void;
  visit: (at: { readonly x: number; readonly y: number }) => void;
}

const WHEEL_ZOOM = 0.0014;
/** A pinch on a touch pad comes as a wheel with control, in smaller steps. */
const PINCH_ZOOM = 0.011;
const LINE_PX = 18;
/** A wheel that has just scrolled the page goes on doing so when the map comes under it. */
const SCROLLING_MS = 350;

/** Listens to mouse, fingers and keys on `frame`; the answer stops it. */
export function listen(frame: HTMLElement, hands: Hands): () => void {
  const gestures = new Gestures();
  const stop = new AbortController();
  const { signal } = stop;
  let scrolled = -Infinity;

  const at = (event: PointerEvent | MouseEvent): { x: number; y: number } => {
    const box = frame.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  };
  const pointer = (event: PointerEvent): Pointer => ({
    id: event.pointerId,
    pans: event.button === 2 || event.shiftKey,
    ...at(event),
  });
  const on = <K extends keyof HTMLElementEventMap>(
    type: K,
    hear: (event: HTMLElementEventMap[K]) => void,
    options: AddEventListenerOptions = {},
  ) => frame.addEventListener(type, hear, { signal, ...options });

  addEventListener("scroll", () => (scrolled = performance.now()), { signal, passive: true });
  on("pointerdown", (event) => {
    if (event.target !== frame && !(event.target instanceof HTMLCanvasElement)) return;
    if (event.button === 1) return;
    frame.setPointerCapture(event.pointerId);
    hands.touch();
    gestures.down(pointer(event));
  });
  on("pointermove", (event) => {
    for (const gesture of gestures.move(pointer(event))) hands.gesture(gesture);
    if (event.pointerType === "mouse") hands.point(gestures.busy ? null : at(event));
  });
  const up = (cancelled: boolean) => (event: PointerEvent) => {
    for (const gesture of gestures.up(pointer(event), { cancelled })) hands.gesture(gesture);
  };
  on("pointerup", up(false));
  on("pointercancel", up(true));
  on("pointerleave", (event) => {
    if (event.pointerType === "mouse") hands.point(null);
  });
  on("dblclick", (event) => hands.visit(at(event)));
  on("contextmenu", (event) => event.preventDefault());
  on(
    "wheel",
    (event) => {
      if (performance.now() - scrolled < SCROLLING_MS) return;
      event.preventDefault();
      hands.touch();
      const pixels = event.deltaY * (event.deltaMode === WheelEvent.DOM_DELTA_LINE ? LINE_PX : 1);
      const factor = Math.exp(-pixels * (event.ctrlKey ? PINCH_ZOOM : WHEEL_ZOOM));
      hands.gesture({ kind: "zoom", factor, ...at(event) });
    },
    { passive: false },
  );
  on("keydown", (event) => {
    if (event.target !== frame) return;
    const command = commandOf(event);
    if (command === null) return;
    event.preventDefault();
    hands.touch();
    hands.command(command);
  });
  return () => stop.abort();
}
