import { percent } from "../format";
import type { Store } from "../store/store";

/** The likeliest tags with their probabilities. */
export function Tags({ store }: { store: Store }) {
  const tags = store.tags.value?.tags ?? [];
  return (
    <section class="tags" id="tags" data-testid="tags" aria-labelledby="tags-heading">
      <h2 id="tags-heading">Character</h2>
      {tags.length === 0 && <p class="hint">Tags appear with the music.</p>}
      <ul>
        {tags.map(({ tag, probability }) => (
          <li key={tag} data-tag={tag}>
            <span class="tag-name">{tag}</span>
            <span class="tag-value">{percent(probability)}</span>
            <span class="bar" aria-hidden="true">
              <span style={{ transform: `scaleX(${probability.toFixed(3)})` }} />
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
