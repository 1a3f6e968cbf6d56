import { useComputed } from "@preact/signals";
import { useRef } from "preact/hooks";
import { clock, span, speed } from "../format";
import { progress } from "../progress";
import type { MatchedSong } from "../protocol/types";
import type { Store } from "../store/store";

/** The song that plays, and how far it has come. */
export function NowPlaying({ store }: { store: Store }) {
  const match = store.match.value;
  if (match === null || match.song === null) return null;
  const { song } = match;
  return (
    <div class="playing" key={`${song.song} ${match.since_s}`}>
      <p class="song-title" data-testid="match-title">
        {song.title}
      </p>
      <p class="song-by">
        <span class="artist">{song.artist ?? "Unknown artist"}</span>
        {song.album && <span class="album">{song.album}</span>}
      </p>
      <Position store={store} song={song} />
    </div>
  );
}

/** The speed of a song is measured along it, so the first seconds say little of it. */
const SPEED_AFTER_S = 5;

/** Drawn anew once a second at most; styles let the bar glide from one second to the next. */
function Position({ store, song }: { store: Store; song: MatchedSong }) {
  const seconds = useComputed(() => wholeSeconds(store));
  const [positionS, heardS] = seconds.value.split(" ").map(Number) as [number, number];
  const rate = heardS < SPEED_AFTER_S ? null : speed(store.match.value?.rate ?? 1);
  const part = song.duration_s > 0 ? Math.min(1, positionS / song.duration_s) : 0;
  return (
    <>
      <p class="position" data-testid="match-position" data-seconds={positionS}>
        <span>{clock(positionS)}</span>
        <span class="spoken"> of </span>
        <span class="bar" aria-hidden="true">
          <span style={{ transform: `scaleX(${part.toFixed(4)})` }} />
        </span>
        <span>{clock(song.duration_s)}</span>
      </p>
      <p class="facts">
        {rate !== null && (
          <span class="badge" data-testid="match-speed">
            <span class="spoken">speed </span>
            {rate}
          </span>
        )}
        <span data-testid="match-since">heard for {span(heardS)}</span>
      </p>
    </>
  );
}

/** A text, since a signal tells of a change when two values are not the very same. */
function wholeSeconds(store: Store): string {
  const match = store.match.value;
  const now = match === null ? null : progress(match, store.level.value);
  return `${Math.floor(now?.positionS ?? 0)} ${Math.floor(now?.heardS ?? 0)}`;
}

/**
 * Tells a screen reader which song plays, when that changes and not before. The sentence stays when
 * the song is lost: found again, it is not read out once more.
 */
export function SpokenMatch({ song }: { song: MatchedSong | null }) {
  const sentence = useRef("");
  if (song !== null) {
    const name = song.artist ? `${song.title} by ${song.artist}` : song.title;
    sentence.current = `Recognized: ${name}.`;
  }
  return (
    <p class="spoken" aria-live="polite" data-testid="match-announcement">
      {sentence.current}
    </p>
  );
}
