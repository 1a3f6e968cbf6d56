import { useComputed } from "@preact/signals";
import { score } from "../format";
import { progress } from "../progress";
import type { MatchedSong } from "../protocol/types";
import type { Store } from "../store/store";
import { headlineOf } from "../views/headline";
import { SpokenMatch } from "../views/now-playing";

const NEAR = 3;

/** The song, its artist and what comes near it: for a wall or laid over a picture. */
export function Small({ store }: { store: Store }) {
  const match = store.match.value;
  const song = match?.song ?? null;
  const { lead, words } = headlineOf(store);
  return (
    <main class="small" data-testid="now" data-state={match?.state ?? "none"} data-stale={store.stale.value}>
      <div class="what">
        <p class="lead">{lead}</p>
        <h1 class="title" data-testid="now-title" data-words={song === null}>
          {song?.title ?? words.join(", ")}
        </h1>
        {song !== null && <p class="artist">{song.artist ?? "Unknown artist"}</p>}
        {song !== null && <Bar store={store} song={song} />}
      </div>
      <Near store={store} />
      <SpokenMatch song={song} />
    </main>
  );
}

function Bar({ store, song }: { store: Store; song: MatchedSong }) {
  const part = useComputed(() => {
    const match = store.match.value;
    const now = match === null ? null : progress(match, store.level.value);
    return song.duration_s > 0 ? (Math.floor(now?.positionS ?? 0) / song.duration_s).toFixed(3) : "0";
  });
  return (
    <p class="bar" aria-hidden="true">
      <span style={{ transform: `scaleX(${part.value})` }} />
    </p>
  );
}

function Near({ store }: { store: Store }) {
  const songs = (store.similar.value?.songs ?? []).slice(0, NEAR);
  if (songs.length === 0) return null;
  return (
    <section class="near" data-testid="now-near" aria-labelledby="near-heading">
      <h2 class="lead" id="near-heading">
        Near it
      </h2>
      <ol>
        {songs.map((song) => (
          <li key={song.song} data-song={song.song}>
            <span class="near-title">{song.title}</span> <span class="near-artist">{song.artist}</span>
            <span class="near-score">{score(song.score)}</span>
          </li>
        ))}
      </ol>
    </section>
  );
}
