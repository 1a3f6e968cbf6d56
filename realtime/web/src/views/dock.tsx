import { clock } from "../format";
import type { Player } from "../player/player";
import type { Store } from "../store/store";
import { NextIcon, PlayIcon, StopIcon } from "./icons";

/** The player at the foot of the page, there while a song is in it. */
export function Dock({ store, player }: { store: Store; player: Player }) {
  const now = player.now.value;
  if (now === null) return <section class="dock" id="player" data-testid="player" data-phase="none" hidden />;
  const { song, phase, positionS, durationS } = now;
  const running = phase === "playing" || phase === "loading";
  const microphone = store.source.value?.kind === "microphone";
  return (
    <section class="dock" id="player" data-testid="player" data-phase={phase} aria-label="Player">
      <button
        type="button"
        class="round strong"
        aria-label={running ? "Pause" : "Play"}
        onClick={() => player.toggle(song)}
      >
        <PlayIcon running={running} />
      </button>
      <div class="dock-name">
        <span class="title">{song.title}</span>
        <span class="artist">{song.artist ?? "Unknown artist"}</span>
      </div>
      {phase === "failed" ? (
        <p class="failed" role="alert">
          This song cannot be played: its file is missing, or this browser does not know its format.
        </p>
      ) : (
        <div class="seek">
          <span>{clock(positionS)}</span>
          <input
            type="range"
            min={0}
            max={Math.max(1, durationS)}
            step={1}
            value={positionS}
            aria-label="Position"
            aria-valuetext={`${clock(positionS)} of ${clock(durationS)}`}
            onInput={(event) => player.seek(event.currentTarget.valueAsNumber)}
          />
          <span>{clock(durationS)}</span>
        </div>
      )}
      {microphone && running && <p class="hint">The microphone may hear this too.</p>}
      {player.queue.value.length > 0 && (
        <button type="button" class="round" data-testid="next" aria-label="Next" onClick={() => player.next()}>
          <NextIcon />
        </button>
      )}
      <button type="button" class="round" data-testid="stop" aria-label="Stop" onClick={() => player.stop()}>
        <StopIcon />
      </button>
    </section>
  );
}
