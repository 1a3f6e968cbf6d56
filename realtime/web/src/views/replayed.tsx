import type { App } from "../app";
import { momentName } from "../explore/evening";
import type { Moment } from "../explore/types";
import { percent, score, timeOfDay } from "../format";

/** What was heard, ranked and tagged at a moment of the evening, in the place of what is now. */
export function Replayed({ app, moment }: { app: App; moment: Moment }) {
  const { song } = moment;
  return (
    <section class="replayed" aria-labelledby="replayed-heading" data-testid="replayed">
      <h2 id="replayed-heading">Heard at {timeOfDay(moment.at)}</h2>
      <p class="song-title">
        {song === null ? momentName(moment) : <Opener app={app} song={song} title={momentName(moment)} />}
      </p>
      {moment.similar.length > 0 && <h3>What sounded like it</h3>}
      <ol class="lines">
        {moment.similar.map((one) => (
          <li key={one.song} data-song={one.song}>
            <Opener app={app} song={one.song} title={one.title} artist={one.artist} />
            <span class="score">{score(one.score)}</span>
          </li>
        ))}
      </ol>
      <ul class="chips">
        {moment.tags.map(({ tag, probability }) => (
          <li key={tag}>
            {tag} <span>{percent(probability)}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}

interface OpenerProps {
  app: App;
  song: number;
  title: string;
  artist?: string | null;
}

/** A song's name that selects the song. */
export function Opener({ app, song, title, artist = null }: OpenerProps) {
  return (
    <button type="button" class="opener" data-testid="open" onClick={() => app.open(song)}>
      <span class="title">{title}</span>
      {artist !== null && <span class="artist">{artist}</span>}
    </button>
  );
}
