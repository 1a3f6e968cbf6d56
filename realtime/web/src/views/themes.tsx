import { useEffect, useState } from "preact/hooks";
import type { App } from "../app";
import { categoryColour } from "../explore/palette";
import type { Answer, Theme, Trait } from "../explore/types";
import { count, score } from "../format";
import { categorize } from "../map/categories";
import { theme as shade } from "../theme";
import { JobButton } from "./jobs";
import { Opener } from "./replayed";
import { PlayButton } from "./song-panel";

/** From here on a bar of a profile is full: so many standard deviations are rare. */
const FULL = 2;
/** Typical songs that are named; all of them are played. */
const SHOWN = 5;

/** Clusters of songs that are alike: what marks them, songs to hear, and their colour on the map. */
export function Themes({ app }: { app: App }) {
  const answer = useThemes(app);
  const themes = answer?.kind === "ok" ? answer.value.themes : [];
  return (
    <section class="themes" data-testid="themes" aria-labelledby="themes-heading" aria-busy={answer === null}>
      <div class="line-head">
        <h2 id="themes-heading">Themes</h2>
        {themes.length > 0 && (
          <>
            <span class="hint">{count(themes.length, "group")} of songs that are alike</span>
            <button type="button" class="plain to-right" data-testid="themes-on-map" onClick={() => onMap(app, null)}>
              All on the map
            </button>
          </>
        )}
      </div>
      {answer !== null && answer.kind === "failed" && <p class="hint">{answer.why}</p>}
      {answer !== null && answer.kind !== "failed" && themes.length === 0 && (
        <p class="hint" data-testid="no-themes">
          There are no themes yet.{" "}
          <JobButton app={app} command="themes build" name="themes build">
            Find themes
          </JobButton>
        </p>
      )}
      <div class="cards">
        {themes.map((one) => (
          <Card key={one.theme} app={app} theme={one} colour={colourOf(app, one)} />
        ))}
      </div>
    </section>
  );
}

function useThemes(app: App): Answer<{ themes: Theme[] }> | null {
  const [answer, setAnswer] = useState<Answer<{ themes: Theme[] }> | null>(null);
  const ended = app.jobs.ended.value;
  const version = app.explore.map.value?.version;
  useEffect(() => {
    let gone = false;
    void app.api.themes().then((found) => {
      if (!gone) setAnswer(found);
    });
    return () => {
      gone = true;
    };
  }, [app, ended, version]);
  return answer;
}

/** The theme's colour on the map; null while the map knows nothing of it. */
function colourOf({ explore }: App, theme: Theme): string | null {
  const map = explore.map.value;
  const line = map && categorize(map, "theme").legend.find((one) => one.key === theme.name);
  return line ? categoryColour(line.rank, shade.value) : null;
}

/** Shows the map coloured by theme: all of it, or this theme alone. */
function onMap({ explore, view }: App, theme: Theme | null): void {
  const map = explore.map.value;
  const keys = map === null ? [] : categorize(map, "theme").legend.map((one) => one.key);
  explore.colourBy.value = "theme";
  explore.hidden.value = new Set(theme === null ? [] : keys.filter((key) => key !== theme.name));
  view.value = "map";
}

function Card({ app, theme, colour }: { app: App; theme: Theme; colour: string | null }) {
  const id = `theme-${theme.theme}`;
  return (
    <article class="card" data-testid="theme-card" data-theme-id={theme.theme} aria-labelledby={id}>
      <div class="line-head">
        {colour !== null && <span class="swatch" style={{ background: colour }} aria-hidden="true" />}
        <h3 id={id}>{theme.name}</h3>
        <span class="hint">{count(theme.songs, "song")}</span>
      </div>
      <Profile traits={theme.profile.length > 0 ? theme.profile : theme.tags} />
      {theme.profile.length > 0 && (
        <ul class="chips" aria-label="Tags">
          {theme.tags.map(({ name }) => (
            <li key={name}>{name}</li>
          ))}
        </ul>
      )}
      <ol class="lines">
        {theme.typical.slice(0, SHOWN).map((song) => (
          <li key={song.song} data-song={song.song}>
            <div class="line">
              <PlayButton app={app} song={song} />
              <Opener app={app} song={song.song} title={song.title} artist={song.artist} />
            </div>
          </li>
        ))}
        {(theme.tracks ?? []).slice(0, SHOWN - Math.min(SHOWN, theme.typical.length)).map((track) => (
          <li key={`${track.dataset} ${track.key}`} data-testid="theme-track">
            <span class="opener gone">
              <span class="title">{track.title ?? track.key}</span>
              <span class="artist">{track.artist !== null && `${track.artist} · `}of {track.dataset}, not in the catalog</span>
            </span>
          </li>
        ))}
      </ol>
      <div class="actions">
        {theme.typical.length > 0 && (
          <button
            type="button"
            class="plain"
            data-testid="theme-play"
            onClick={() => app.player.play(theme.typical.map((song) => ({ song })))}
          >
            Play these
          </button>
        )}
        {colour !== null && (
          <button type="button" class="plain" data-testid="theme-on-map" onClick={() => onMap(app, theme)}>
            On the map
          </button>
        )}
      </div>
    </article>
  );
}

/** What marks a theme: each line goes right of the middle for more than the mean of all songs. */
function Profile({ traits }: { traits: readonly Trait[] }) {
  return (
    <dl class="profile" aria-label="Against the mean of all songs, in standard deviations">
      {traits.map(({ name, score: deviations }) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>
            <span class="middle" aria-hidden="true">
              <span style={side(deviations)} data-side={deviations < 0 ? "less" : "more"} />
            </span>
            <span class="score">{deviations > 0 ? `+${score(deviations)}` : score(deviations)}</span>
          </dd>
        </div>
      ))}
    </dl>
  );
}

/** Where a bar of a profile begins and how long it is, as shares of the whole width. */
export function side(deviations: number): { left: string; width: string } {
  const half = 50 * Math.min(1, Math.abs(deviations) / FULL);
  const left = deviations < 0 ? 50 - half : 50;
  return { left: `${left.toFixed(1)}%`, width: `${half.toFixed(1)}%` };
}
