import type { RefObject } from "preact";
import { useEffect } from "preact/hooks";

/** While it is open, Escape and a press anywhere else close it. */
export function usePopover(place: RefObject<HTMLElement | null>, open: boolean, close: () => void): void {
  useEffect(() => {
    if (!open) return undefined;
    const pressed = (event: Event): void => {
      if (!(event.target instanceof Node && place.current?.contains(event.target))) close();
    };
    const typed = (event: KeyboardEvent): void => {
      if (event.key !== "Escape") return;
      close();
      place.current?.querySelector("button")?.focus();
    };
    addEventListener("pointerdown", pressed);
    addEventListener("keydown", typed);
    return () => {
      removeEventListener("pointerdown", pressed);
      removeEventListener("keydown", typed);
    };
  }, [open]);
}
