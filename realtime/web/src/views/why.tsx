import { useEffect, useState } from "preact/hooks";
import type { App } from "../app";
import type { Answer, Passage, SongRow, Why } from "../explore/types";
import { clock, percent, score } from "../format";
import { PlayIcon } from "./icons";

/** What two songs have in common: tags, and passages to hear one after the other. */
export function WhySimilar({ app, song, other }: { app: App; song: SongRow; other: SongRow }) {
  const [answer, setAnswer] = useState<Answer<Why> | null>(null);
  useEffect(() => {
    let gone = false;
    void app.api.why(song.song, other.song).then((one) => {
      if (!gone) setAnswer(one);
    });
    return () => {
      gone = true;
    };
  }, [app, song.song, other.song]);
  if (answer === null) return <p class="hint why">Comparing both songs.</p>;
  if (answer.kind !== "ok") return <p class="hint why">{answer.why}</p>;
  const { tags, passages, note } = answer.value;
  return (
    <div class="why" data-testid="why-similar">
      <h4>Both sound like</h4>
      {tags.length === 0 && <p class="hint">No tag is strong in both.</p>}
      <ul class="chips">
        {tags.map(({ tag, a, b }) => (
          <li key={tag}>
            {tag}{" "}
            <span>
              {percent(a)} and {percent(b)}
            </span>
          </li>
        ))}
      </ul>
      {passages.length > 0 && <h4>Most alike where</h4>}
      <ul class="passages">
        {passages.map((passage) => (
          <PassageRow key={`${passage.a_s} ${passage.b_s}`} app={app} song={song} other={other} passage={passage} />
        ))}
      </ul>
      {passages.length === 0 && note && <p class="hint">{note}</p>}
    </div>
  );
}

function PassageRow({ app, song, other, passage }: { app: App; song: SongRow; other: SongRow; passage: Passage }) {
  const { a_s: a, b_s: b, length_s: lengthS, cosine } = passage;
  const [from, to] = [clock(a), clock(b)];
  return (
    <li>
      <button
        type="button"
        class="round small play"
        data-testid="play-passages"
        aria-label={`Play both, one after the other: ${song.title} from ${from}, then ${other.title} from ${to}`}
        onClick={() =>
          app.player.play([
            { song, fromS: a, untilS: a + lengthS },
            { song: other, fromS: b, untilS: b + lengthS },
          ])
        }
      >
        <PlayIcon running={false} />
      </button>
      <span>
        {from} here, {to} there
      </span>
      <span class="score">
        <span class="spoken">similarity </span>
        {score(cosine)}
      </span>
    </li>
  );
}
