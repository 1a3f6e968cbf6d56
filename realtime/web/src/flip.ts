/** Top edges of the rows by song id, in pixels, in the order of the list. */
export type Tops = ReadonlyMap<string, number>;

export interface Moves {
  /** Rows that were elsewhere, with the distance back to there in pixels. */
  moved: { id: string; fromDy: number }[];
  /** Rows that were not there. */
  entered: string[];
}

/** What has to be animated between two states of the list. */
export function moves(before: Tops, after: Tops): Moves {
  const result: Moves = { moved: [], entered: [] };
  for (const [id, top] of after) {
    const old = before.get(id);
    if (old === undefined) result.entered.push(id);
    else if (Math.abs(old - top) >= 0.5) result.moved.push({ id, fromDy: old - top });
  }
  return result;
}

/** Where the rows of `list` are seen now, in the middle of a glide too. */
export function measure(list: HTMLElement): Tops {
  const origin = list.getBoundingClientRect().top;
  const tops = new Map<string, number>();
  for (const row of rows(list)) tops.set(row.dataset["song"]!, row.getBoundingClientRect().top - origin);
  return tops;
}

/** Lets the rows glide from where they were seen to where they now belong. */
export function glide(list: HTMLElement, before: Tops): void {
  for (const row of rows(list)) for (const running of row.getAnimations()) running.cancel();
  const { moved, entered } = moves(before, measure(list));
  const timing = { duration: 620, easing: "cubic-bezier(0.22, 0.9, 0.24, 1)" };
  for (const { id, fromDy } of moved) {
    list.querySelector(`[data-song="${id}"]`)?.animate(frames(fromDy), timing);
  }
  for (const id of entered) {
    list.querySelector(`[data-song="${id}"]`)?.animate([{ opacity: 0 }, { opacity: 1 }], timing);
  }
}

/** A rising row passes over the others; a falling one fades while it passes beneath them. */
function frames(fromDy: number): Keyframe[] {
  const [from, to] = [{ transform: `translateY(${fromDy}px)` }, { transform: "none" }];
  if (fromDy > 0) return [{ ...from, zIndex: 2 }, { ...to, zIndex: 2 }];
  return [{ ...from, opacity: 0.15 }, { ...to, opacity: 1 }];
}

function rows(list: HTMLElement): HTMLElement[] {
  return [...list.querySelectorAll<HTMLElement>("[data-song]")];
}
