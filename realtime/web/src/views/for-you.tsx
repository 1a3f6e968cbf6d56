import { useSignal } from "@preact/signals";
import { useEffect, useState } from "preact/hooks";
import type { App } from "../app";
import type { Answer, ForSomebody, ForYou as Found } from "../explore/types";
import { count, score } from "../format";
import { AddToPlaylist } from "./add-to-playlist";
import { JobButton } from "./jobs";
import { Opener } from "./replayed";
import { PlayButton } from "./song-panel";
import { Star } from "./star";

const SONGS = 30;
/** A hand on the slider stays for so long before the list is asked for. */
const SETTLED_MS = 150;
const STEP = 0.05;
/** The model of this catalog's own listening. */
const OWN = "own";

/** Songs for whoever uses this catalog, by sound, by taste, or by something between. */
export function ForYou({ app }: { app: App }) {
  const blend = useSignal(0.5);
  const answer = useForYou(app, blend.value);
  const found = answer?.kind === "ok" ? answer.value : null;
  return (
    <section class="foryou" data-testid="foryou" aria-labelledby="foryou-heading" aria-busy={answer === null}>
      <div class="line-head">
        <h2 id="foryou-heading">For you</h2>
        {found !== null && <span class="hint">{basis(found)}</span>}
        <button
          type="button"
          class="quiet to-right"
          data-testid="to-compat"
          onClick={() => {
            app.view.value = "compat";
          }}
        >
          Compare two lists
        </button>
      </div>
      <div class="blend">
        <span id="blend-sound">Sounds alike</span>
        <input
          type="range"
          min={0}
          max={1}
          step={STEP}
          value={blend.value}
          disabled={found?.model == null}
          aria-label="From what sounds alike to what is liked together"
          aria-valuetext={`${Math.round(100 * blend.value)} % by taste`}
          data-testid="blend"
          onInput={(event) => {
            blend.value = event.currentTarget.valueAsNumber;
          }}
        />
        <span>Liked together</span>
      </div>
      {answer !== null && answer.kind !== "ok" && <p class="hint">{answer.why}</p>}
      {found !== null && <Basis app={app} found={found} />}
      {found !== null && found.songs.length > 0 && <List app={app} songs={found.songs} />}
    </section>
  );
}

/** What a list rests on, in words. */
export function basis({ from }: Found): string {
  const parts = [
    ...(from.stars > 0 ? [count(from.stars, "star")] : []),
    ...(from.plays > 0 ? [count(from.plays, "played song")] : []),
  ];
  return parts.length === 0 ? "" : `from ${parts.join(" and ")}`;
}

function Basis({ app, found }: { app: App; found: Found }) {
  const nothing = found.from.stars + found.from.plays === 0;
  return (
    <>
      {nothing && (
        <p class="hint" data-testid="foryou-empty">
          Star some songs, or let nowhear hear some: this list is made from your stars and your history.
        </p>
      )}
      {found.model === null && !nothing && (
        <p class="hint" data-testid="foryou-by-sound">
          By sound alone: nothing was learned from listening data yet.{" "}
          <JobButton app={app} command="taste fit --data own" name="taste fit">
            Learn from stars and history
          </JobButton>
        </p>
      )}
      {found.model !== null && (
        <p class="hint" data-testid="foryou-model">
          {found.model === OWN ? "Taste as learned from your own stars and history. " : `Taste as learned from ${found.model}. `}
          {found.model === OWN && (
            <JobButton app={app} command="taste fit --data own" name="taste fit">
              Learn anew
            </JobButton>
          )}
        </p>
      )}
      {found.note != null && <p class="hint">{found.note}</p>}
    </>
  );
}

/** The answer to `blend`; the list before stays until the new one is here. */
function useForYou(app: App, blend: number): Answer<Found> | null {
  const [answer, setAnswer] = useState<Answer<Found> | null>(null);
  const stars = app.lists.stars.value;
  const ended = app.jobs.ended.value;
  useEffect(() => {
    let gone = false;
    const read = async (): Promise<void> => {
      const found = await app.api.forYou(blend, SONGS);
      if (!gone) setAnswer(found);
    };
    const timer = setTimeout(() => void read(), SETTLED_MS);
    return () => {
      gone = true;
      clearTimeout(timer);
    };
  }, [app, blend, stars, ended]);
  return answer;
}

function List({ app, songs }: { app: App; songs: readonly ForSomebody[] }) {
  return (
    <>
      <div class="actions">
        <button type="button" class="plain" onClick={() => app.player.play(songs.map((song) => ({ song })))}>
          Play all
        </button>
        <AddToPlaylist app={app} songs={songs} />
      </div>
      <ol class="lines" data-testid="foryou-songs">
        {songs.map((song) => (
          <Recommended key={song.song} app={app} song={song} />
        ))}
      </ol>
    </>
  );
}

/** A song that is recommended, with how near it is by sound and by taste. */
export function Recommended({ app, song }: { app: App; song: ForSomebody }) {
  return (
    <li data-song={song.song}>
      <div class="line">
        <PlayButton app={app} song={song} />
        <Opener app={app} song={song.song} title={song.title} artist={song.artist} />
        <span class="parts">
          <Part name="sound" value={song.content} />
          <Part name="taste" value={song.taste} />
        </span>
        <Star app={app} song={song} />
      </div>
    </li>
  );
}

function Part({ name, value }: { name: string; value: number | null }) {
  if (value === null) return null;
  return (
    <span class="part">
      <span class="part-name">{name}</span> <span class="score">{score(value)}</span>
      <span class="bar" aria-hidden="true">
        <span style={{ transform: `scaleX(${Math.min(1, Math.max(0, value)).toFixed(3)})` }} />
      </span>
    </span>
  );
}
