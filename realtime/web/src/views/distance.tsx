import { useId, useState } from "preact/hooks";
import type { App } from "../app";
import { candidates, countWithin, scored, surprise, type Scored, type Where } from "../explore/surprise";
import { MOST_COUNT } from "../explore/state";
import type { SongRow } from "../explore/types";
import { count, score } from "../format";
import { DiceIcon } from "./icons";

const STEP = 0.01;
/** Songs that were drawn lately do not come again at once. */
const REMEMBERED = 10;

/** How far away songs may be to stay bright on the map, and a surprise from within or beyond. */
export function Distance({ app, song }: { app: App; song: SongRow }) {
  const { explore } = app;
  const id = useId();
  const scores = explore.scores.value;
  const least = explore.leastScore.value;
  const lowest = scores === null ? -1 : Math.floor(scores.reduce((a, b) => Math.min(a, b), 1) / STEP) * STEP;
  const inside = scores === null || least === null ? null : Math.max(0, countWithin(scores, least) - 1);
  return (
    <section class="distance" aria-labelledby={`${id}-heading`}>
      <h3 id={`${id}-heading`}>Distance</h3>
      {scores !== null && (
        <>
          <div class="line">
            <input
              type="range"
              data-testid="radius"
              min={lowest}
              max={1}
              step={STEP}
              value={least ?? lowest}
              aria-label="Least similarity"
              aria-valuetext={least === null ? "any" : `${score(least)} or more, ${count(inside ?? 0, "song")}`}
              onInput={(event) => {
                explore.leastScore.value = event.currentTarget.valueAsNumber;
              }}
            />
            <button
              type="button"
              class="plain"
              data-testid="radius-reset"
              disabled={least === null}
              onClick={() => {
                explore.leastScore.value = null;
              }}
            >
              Reset
            </button>
          </div>
          <p class="hint" data-testid="radius-count">
            {least === null ? "All songs are bright." : `${count(inside ?? 0, "song")} at least ${score(least)} similar.`}
          </p>
        </>
      )}
      <Surprise app={app} song={song} />
    </section>
  );
}

function Surprise({ app, song }: { app: App; song: SongRow }) {
  const [where, setWhere] = useState<Where>("within");
  const [said, setSaid] = useState("");
  const draw = async (): Promise<void> => {
    const from = candidates(await known(app, song.song), app.explore.leastScore.peek(), where);
    const found = surprise(from, Math.random, new Set(app.explore.surprised.peek()));
    if (found === null) return setSaid("No song lies there.");
    setSaid("");
    app.explore.surprised.value = [...app.explore.surprised.peek(), found].slice(-REMEMBERED);
    app.open(found);
  };
  return (
    <div class="line surprise">
      <button type="button" class="plain" data-testid="surprise" onClick={() => void draw()}>
        <DiceIcon />
        Surprise me
      </button>
      <select
        aria-label="Where the surprise comes from"
        data-testid="surprise-where"
        value={where}
        onChange={(event) => setWhere(event.currentTarget.value as Where)}
      >
        <option value="within">within the distance</option>
        <option value="outside">just outside it</option>
      </select>
      <span class="hint" role="status">
        {said}
      </span>
    </div>
  );
}

/** All songs with their scores; without a map, the nearest ones. */
async function known(app: App, song: number): Promise<readonly Scored[]> {
  const [map, scores] = [app.explore.map.peek(), app.explore.scores.peek()];
  if (map !== null && scores !== null) return scored(map.ids, scores, song);
  const answer = await app.api.similar(song, MOST_COUNT);
  return answer.kind === "ok" ? answer.value.songs : [];
}
