import { effect } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { columnWidth, Painter } from "../sound/painter";
import { COLUMNS_PER_S } from "../sound/ring";
import type { Store } from "../store/store";
import { theme } from "../theme";

const MARKS_S = [5, 10, 20, 30, 40, 50];

/** The sound of the last seconds, now at the right. Painted by hand, outside the view's rendering. */
export function Spectrogram({ store }: { store: Store }) {
  const frame = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    if (canvas.current === null || frame.current === null) return;
    return paint(store, frame.current, canvas.current);
  }, [store]);
  const silent = store.level.value?.state !== "sound";
  return (
    <div class="spectrogram" ref={frame}>
      <canvas
        ref={canvas}
        id="spectrogram"
        data-testid="spectrogram"
        role="img"
        aria-label={`Running spectrogram of the last seconds, low notes at the bottom: ${silent ? "silence" : "sound"}`}
      />
      <ol class="marks" aria-hidden="true">
        {MARKS_S.map((seconds) => (
          <li key={seconds} data-seconds={seconds}>
            {seconds} s
          </li>
        ))}
      </ol>
    </div>
  );
}

function paint(store: Store, frame: HTMLElement, canvas: HTMLCanvasElement): () => void {
  const lessMotion = matchMedia("(prefers-reduced-motion: reduce)");
  const painter = new Painter(canvas, theme.peek(), () => lessMotion.matches);
  const observer = new ResizeObserver(() => {
    const scale = Math.min(2, devicePixelRatio);
    canvas.width = Math.round(canvas.clientWidth * scale);
    canvas.height = Math.round(canvas.clientHeight * scale);
    placeMarks(frame, canvas.clientWidth);
    painter.draw();
  });
  observer.observe(canvas);
  const stops = [
    effect(() => {
      const level = store.level.value;
      if (level !== null) painter.put(level);
    }),
    effect(() => painter.setTheme(theme.value)),
    () => observer.disconnect(),
    () => painter.destroy(),
  ];
  return () => stops.forEach((stop) => stop());
}

/** Second marks that fall into the faded part at the left are left out. */
function placeMarks(frame: HTMLElement, width: number): void {
  for (const mark of frame.querySelectorAll<HTMLElement>("[data-seconds]")) {
    const right = Number(mark.dataset["seconds"]) * COLUMNS_PER_S * columnWidth(width);
    mark.style.right = `${right}px`;
    mark.hidden = right > width * 0.55;
  }
}
