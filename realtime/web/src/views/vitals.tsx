import { count, lost, milliseconds, span } from "../format";
import type { Status } from "../protocol/types";
import type { Store } from "../store/store";

/** So many digits tell two encoders apart. */
const FINGERPRINT = 6;

function dropped(status: Status): string {
  const blocks = status.dropped_blocks;
  return blocks === 0 ? lost(status.dropped_s) : `${lost(status.dropped_s)}, ${count(blocks, "block")}`;
}

/** How the daemon is, in figures. */
export function Vitals({ store }: { store: Store }) {
  const status = store.status.value;
  const hello = store.hello.value;
  const catalog = store.catalog.value;
  const latency = status?.latency ?? null;
  const figures: [name: string, value: string | null, warn?: boolean][] = [
    ["Catalog", catalog && count(catalog.songs, "song")],
    ["Latency, median", latency && milliseconds(latency.p50_ms)],
    ["99 % within", latency && milliseconds(latency.p99_ms)],
    ["Heard", status && span(status.heard_s)],
    ["Dropped", status && dropped(status), (status?.dropped_s ?? 0) > 0],
    ["Listeners", status && String(status.clients)],
    ["Up for", status && span(status.uptime_s)],
    ["Version", hello && hello.version],
    ["Encoder", hello && `${hello.encoder.name} ${hello.encoder.fingerprint.slice(0, FINGERPRINT)}`],
  ];
  return (
    <footer class="vitals" id="vitals" data-testid="vitals" aria-label="State of the daemon">
      <dl>
        {figures.map(([name, value, warn]) => (
          <div key={name} data-warn={warn === true}>
            <dt>{name}</dt>
            <dd>{value ?? "–"}</dd>
          </div>
        ))}
      </dl>
    </footer>
  );
}
