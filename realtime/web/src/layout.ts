import { signal } from "@preact/signals";

/** From here on the page has room for what is heard and the catalog side by side. In styles too. */
const WIDE = "(min-width: 1100px)";

/** Whether the page is wide. */
export const wide = signal(true);

export function startLayout(): void {
  const query = matchMedia(WIDE);
  wide.value = query.matches;
  query.addEventListener("change", () => {
    wide.value = query.matches;
  });
}
