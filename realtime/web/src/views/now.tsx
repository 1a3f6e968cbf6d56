import type { Store } from "../store/store";
import { headline } from "./headline";
import { LevelMeter } from "./level-meter";
import { Notices } from "./notices";
import { Spectrogram } from "./spectrogram";

/** What is heard at this moment. */
export function Now({ store }: { store: Store }) {
  const { lead, words, detail } = headline({
    connection: store.connection.value.state,
    status: store.status.value,
    heard: store.level.value?.state ?? null,
    source: store.source.value,
    words: store.words.value,
  });
  return (
    <section class="now" aria-labelledby="now-heading">
      <h2 id="now-heading" class="spoken">
        Now
      </h2>
      <Spectrogram store={store} />
      <LevelMeter store={store} />
      <div class="headline">
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
        {detail !== null && <p class="detail">{detail}</p>}
      </div>
      <Notices store={store} />
    </section>
  );
}
