import type { Signal } from "@preact/signals";
import type { Box } from "./labels";
import type { MapScene, Stage } from "./scene";

/** Tells now, and at every change, whether less motion is wanted. */
export function onMotion(tell: (less: boolean) => void): () => void {
  const query = matchMedia("(prefers-reduced-motion: reduce)");
  const hear = () => tell(query.matches);
  hear();
  query.addEventListener("change", hear);
  return () => query.removeEventListener("change", hear);
}

/** Follows the stage's size, whether anyone sees it, and whether it can be drawn on. */
export function watchStage(
  scene: MapScene,
  { frame, canvas }: Stage,
  lost: Signal<boolean>,
  obstacles: () => readonly Element[],
): () => void {
  const stop = new AbortController();
  const { signal } = stop;
  let inView = true;
  const see = () => scene.setSeen(inView && !document.hidden && !lost.peek());
  const fit = () => {
    scene.resize();
    scene.setObstacles(obstacles().map((one) => boxWithin(frame, one)));
  };
  const sizes = new ResizeObserver(fit);
  sizes.observe(frame);
  for (const one of obstacles()) sizes.observe(one);
  const views = new IntersectionObserver((entries) => {
    inView = entries.at(-1)?.isIntersecting ?? true;
    see();
  });
  views.observe(frame);
  document.addEventListener("visibilitychange", see, { signal });
  canvas.addEventListener("webglcontextlost", () => {
    lost.value = true;
    see();
  }, { signal });
  canvas.addEventListener("webglcontextrestored", () => {
    lost.value = false;
    see();
    fit();
  }, { signal });
  return () => {
    stop.abort();
    sizes.disconnect();
    views.disconnect();
  };
}

function boxWithin(frame: Element, element: Element): Box {
  const [outer, inner] = [frame.getBoundingClientRect(), element.getBoundingClientRect()];
  return {
    left: inner.left - outer.left,
    top: inner.top - outer.top,
    width: inner.width,
    height: inner.height,
  };
}
