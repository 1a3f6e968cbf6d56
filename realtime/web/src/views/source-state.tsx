import type { Source } from "../protocol/types";
import type { Store } from "../store/store";

const KINDS: Record<Source["kind"], string> = {
  microphone: "Microphone",
  file: "File",
  stream: "Stream",
  stdin: "Standard input",
  device: "This device",
};

/** Where the sound comes from, and what is wrong with it when something is. */
export function SourceState({ store }: { store: Store }) {
  const source = store.source.value;
  const status = store.status.value;
  const state = status?.state ?? "starting";
  if (source === null) return <div class="source" data-testid="source" id="source" data-state="unknown" />;
  return (
    <div class="source" data-testid="source" id="source" data-state={state}>
      <span class="kind">{KINDS[source.kind]}</span>
      <span class="source-name" title={source.name}>
        {source.name}
      </span>
      <span class={source.live ? "badge" : "badge demo"}>{source.live ? "live" : "as if live"}</span>
      {state !== "listening" && <span class="badge state">{state}</span>}
    </div>
  );
}
