import type { Named } from "./captions";
import type { Point } from "./data";
import type { LabelLayer } from "./label-layer";
import type { Box } from "./labels";
import { pointPx, project, type Lens, type PointSize, type Seen } from "./project";

/** From the edge of a point to its label, and to its card. */
const LABEL_AWAY_PX = 6;
const CARD_AWAY_PX = 12;
/** Nearer than this to the camera's target, names of regions only stand in the way. */
const REGIONS_FROM = 1.2;

const seen: Seen = { x: 0, y: 0, depth: 1 };

export interface View {
  readonly lens: Lens;
  readonly size: PointSize;
  /** From the camera to its target. */
  readonly distance: number;
}

/** Shows those captions that have room, each beside its place. */
export function placeLabels(
  layer: LabelLayer,
  captions: readonly Named[],
  { lens, size, distance }: View,
  obstacles: readonly Box[],
): void {
  const anchored = captions.flatMap((caption) => {
    if (caption.role === "region" && distance < REGIONS_FROM) return [];
    if (!project(lens, caption.place, seen)) return [];
    return [{ ...caption, x: seen.x, y: seen.y, away: pointPx(size, seen.depth) / 2 + LABEL_AWAY_PX }];
  });
  layer.show(anchored, lens, obstacles);
}

/** Puts the card beside the song under the pointer, on the side with more room; null hides it. */
export function placeCard(card: HTMLElement, place: Point | null, { lens, size }: View): void {
  const shown = place !== null && project(lens, place, seen);
  card.dataset["shown"] = String(shown);
  if (!shown) return;
  const away = pointPx(size, seen.depth) / 2 + CARD_AWAY_PX;
  const left = seen.x > lens.width / 2;
  const x = seen.x + (left ? -away : away);
  card.style.transform = `translate(${x.toFixed(1)}px, ${seen.y.toFixed(1)}px) translate(${left ? "-100%" : "0"}, -50%)`;
}
