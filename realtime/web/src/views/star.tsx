import type { App } from "../app";
import type { SongRow } from "../explore/types";
import { StarIcon } from "./icons";
import { named } from "./song-panel";

/** Makes a song a favourite or takes it from them; not there with a server that keeps none. */
export function Star({ app, song }: { app: App; song: SongRow }) {
  const { lists } = app;
  if (lists.stars.value === null) return null;
  const on = lists.starred.value.has(song.song);
  return (
    <button
      type="button"
      class="round small star"
      data-testid="star"
      aria-pressed={on}
      aria-label={`Favourite: ${named(song)}`}
      onClick={() => void lists.star(song, !on)}
    >
      <StarIcon on={on} />
    </button>
  );
}
