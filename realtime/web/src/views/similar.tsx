import { useEffect, useMemo, useState } from "preact/hooks";
import { Announcer } from "../announce";
import type { Player } from "../player/player";
import type { Store } from "../store/store";
import { Ranking } from "./ranking";

/** The songs that sound most like what is heard. */
export function Similar({ store, player, open }: { store: Store; player: Player; open: (song: number) => void }) {
  const songs = store.similar.value?.songs ?? [];
  return (
    <section class="similar" id="similar" data-testid="similar" aria-labelledby="similar-heading">
      <h2 id="similar-heading">Similar songs</h2>
      <Ranking songs={songs} playing={player.now.value} toggle={(song) => player.toggle(song)} open={open} />
      {songs.length === 0 && <WhyEmpty store={store} />}
    </section>
  );
}

function WhyEmpty({ store }: { store: Store }) {
  const catalog = store.catalog.value;
  if (catalog?.songs === 0) {
    return (
      <div class="empty" data-testid="empty-catalog">
        <p class="empty-title">The catalog is empty</p>
        <p>
          nowhear can only compare the sound with songs that it knows. Give it a folder of music:
        </p>
        <pre tabIndex={0}>
          <code>nowhear add PATH</code>
        </pre>
        <p>This page fills as soon as the first songs are in.</p>
      </div>
    );
  }
  if (store.level.value?.state === "silence") {
    return <p class="hint">It is silent. The ranking returns with the sound.</p>;
  }
  const window = store.hello.value?.encoder.window_s;
  if (window === undefined) return <p class="hint">The ranking appears once the daemon is reached.</p>;
  return <p class="hint">The ranking begins after the first {window} s of sound.</p>;
}

/** Reads the ranking out to a screen reader, seldom. */
export function SpokenRanking({ store }: { store: Store }) {
  const announcer = useMemo(() => new Announcer(), []);
  const [text, setText] = useState("");
  useEffect(() => {
    const timer = setInterval(() => {
      const next = announcer.take(store.similar.peek()?.songs ?? [], performance.now());
      if (next !== null) setText(next);
    }, 1000);
    return () => clearInterval(timer);
  }, [announcer, store]);
  return (
    <p class="spoken" aria-live="polite" data-testid="announcement">
      {text}
    </p>
  );
}
