import { computed, signal } from "@preact/signals";
import type { Connection } from "../connection/link";
import { read } from "../protocol/read";
import type { CatalogState, Source } from "../protocol/types";
import { characterWords } from "./character";
import { accept, NOTHING, type Topics } from "./topics";

export type Store = ReturnType<typeof createStore>;

/** Everything that the views read. Only the connection writes here; views never do. */
export function createStore() {
  const topics = signal<Topics>(NOTHING);
  const connection = signal<Connection>({ state: "connecting", attempt: 0 });
  const newerProtocol = signal(false);
  const words = signal<readonly string[]>([]);
  const warned = new Set<string>();

  const hello = computed(() => topics.value.hello);
  const status = computed(() => topics.value.status);

  function hear(text: string): void {
    const reading = read(text);
    if (reading.kind !== "message") {
      if (reading.kind === "newer") newerProtocol.value = true;
      if (!warned.has(reading.why)) console.warn(`nowhear: message ignored: ${reading.why}`);
      warned.add(reading.why);
      return;
    }
    const { message } = reading;
    if (message.type === "hello") newerProtocol.value = false;
    if (message.type === "hello") words.value = [];
    if (message.type === "tags") words.value = characterWords(words.value, message.tags);
    topics.value = accept(topics.value, message);
  }

  return {
    connection,
    newerProtocol,
    /** Tags that name the character of the sound, with hysteresis. */
    words,
    hello,
    status,
    level: computed(() => topics.value.level),
    match: computed(() => topics.value.match),
    similar: computed(() => topics.value.similar),
    tags: computed(() => topics.value.tags),
    place: computed(() => topics.value.place),
    jobs: computed(() => topics.value.jobs),
    source: computed<Source | null>(() => status.value?.source ?? hello.value?.source ?? null),
    catalog: computed<CatalogState | null>(
      () => status.value?.catalog ?? hello.value?.catalog ?? null,
    ),
    /** What is shown is no longer the present: the daemon or its sound is out of reach. */
    stale: computed(
      () => connection.value.state !== "live" || (status.value?.state ?? "listening") !== "listening",
    ),
    hear,
  };
}
