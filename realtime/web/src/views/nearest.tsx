import { useId, useState } from "preact/hooks";
import type { App } from "../app";
import { MOST_COUNT } from "../explore/state";
import type { SongRow } from "../explore/types";
import { score } from "../format";
import type { RankedSong } from "../protocol/types";
import { Opener } from "./replayed";
import { named, PlayButton } from "./song-panel";
import { WhySimilar } from "./why";

/** The nearest songs of the selected one by the exact cosine of their styles. */
export function Nearest({ app, song }: { app: App; song: SongRow }) {
  const { explore } = app;
  const id = useId();
  return (
    <section class="nearest" data-testid="nearest" aria-labelledby={`${id}-heading`}>
      <div class="line-head">
        <h3 id={`${id}-heading`}>Nearest songs</h3>
        <input
          type="range"
          min={1}
          max={MOST_COUNT}
          value={explore.count.value}
          aria-label="How many"
          aria-valuetext={`${explore.count.value}`}
          data-testid="nearest-count"
          onInput={(event) => {
            explore.count.value = event.currentTarget.valueAsNumber;
          }}
        />
        <output>{explore.count.value}</output>
      </div>
      <ol class="lines">
        {explore.nearest.value.map((one) => (
          <Neighbour key={one.song} app={app} song={song} other={one} />
        ))}
      </ol>
    </section>
  );
}

function Neighbour({ app, song, other }: { app: App; song: SongRow; other: RankedSong }) {
  const [open, setOpen] = useState(false);
  return (
    <li data-song={other.song}>
      <div class="line">
        <PlayButton app={app} song={other} />
        <Opener app={app} song={other.song} title={other.title} artist={other.artist} />
        <button
          type="button"
          class="quiet"
          data-testid="why"
          aria-expanded={open}
          aria-label={`Why is ${named(other)} similar?`}
          onClick={() => setOpen(!open)}
        >
          Why
        </button>
        <span class="score">
          <span class="spoken">similarity </span>
          {score(other.score)}
        </span>
      </div>
      {open && <WhySimilar app={app} song={song} other={other} />}
    </li>
  );
}
