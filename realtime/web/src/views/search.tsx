import { useEffect, useRef } from "preact/hooks";
import type { App } from "../app";
import { SearchIcon } from "./icons";
import { SongPicker } from "./song-picker";

/** Finds a song in the catalog; `/` leads here from anywhere. */
export function Search({ app }: { app: App }) {
  const frame = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent): void => {
      if (event.key !== "/" || event.ctrlKey || event.metaKey || isTyping(event.target)) return;
      event.preventDefault();
      frame.current?.querySelector("input")?.focus();
    };
    addEventListener("keydown", onKeyDown);
    return () => removeEventListener("keydown", onKeyDown);
  }, []);
  return (
    <div class="search" role="search" ref={frame}>
      <SearchIcon />
      <SongPicker
        api={app.api}
        label="Search songs"
        placeholder="Search songs"
        testId="search"
        listTestId="suggestions"
        pick={(song) => app.open(song.song)}
      />
    </div>
  );
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.matches("input, textarea, select, [contenteditable]");
}
