import { signal } from "@preact/signals";
import type { Theme } from "./sound/palette";

const KEY = "nowhear.theme"; // also read by public/theme.js, before the first paint

/** The theme in force. */
export const theme = signal<Theme>("day");

/** The theme after a click, and whether it must be remembered against the system's preference. */
export function toggled(now: Theme, system: Theme): { next: Theme; remember: boolean } {
  const next = now === "night" ? "day" : "night";
  return { next, remember: next !== system };
}

const dark = () => matchMedia("(prefers-color-scheme: dark)");
const system = (): Theme => (dark().matches ? "night" : "day");

export function startTheme(): void {
  set(document.documentElement.dataset["theme"] === "night" ? "night" : "day");
  dark().addEventListener("change", () => {
    if (remembered() === null) set(system());
  });
}

/** Changes to the other theme; back at the system's preference it follows the system again. */
export function toggleTheme(): void {
  const { next, remember } = toggled(theme.value, system());
  set(next);
  try {
    if (remember) localStorage.setItem(KEY, next);
    else localStorage.removeItem(KEY);
  } catch {
    // Storage may be forbidden; the choice then lasts as long as the page.
  }
}

function set(next: Theme): void {
  theme.value = next;
  document.documentElement.dataset["theme"] = next;
}

function remembered(): string | null {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null;
  }
}
