import type { Match } from "../protocol/types";
import type { Store } from "../store/store";
import { headlineOf, type Headline } from "./headline";
import { LevelMeter } from "./level-meter";
import { Notices } from "./notices";
import { NowPlaying } from "./now-playing";
import { Spectrogram } from "./spectrogram";

/** What is heard at this moment. */
export function Now({ store }: { store: Store }) {
  const match = store.match.value;
  const { lead, words, detail } = headlineOf(store);
  return (
    <section class="now" aria-labelledby="now-heading">
      <h2 id="now-heading" class="spoken">
        Now
      </h2>
      <Spectrogram store={store} />
      <LevelMeter store={store} />
      <div class="headline" {...named(match)}>
        <Saying lead={lead} words={words} />
        {words.length === 0 && <NowPlaying store={store} />}
        {detail !== null && <p class="detail">{detail}</p>}
      </div>
      <Notices store={store} />
    </section>
  );
}

/** With a daemon that names no songs, this is no place to look for one. */
function named(match: Match | null): Record<string, string> {
  return match === null ? {} : { id: "match", "data-testid": "match", "data-state": match.state };
}

function Saying({ lead, words }: Pick<Headline, "lead" | "words">) {
  return (
    <div data-testid="match-state">
      <p class="lead">{lead}</p>
      {words.length > 0 && (
        <p class="words">
          {words.map((word, at) => (
            <span key={word}>
              {word}
              {at < words.length - 1 && ","}{" "}
            </span>
          ))}
        </p>
      )}
    </div>
  );
}
