import { useEffect, useState } from "preact/hooks";
import type { Store } from "../store/store";

/** Whether the daemon is reached, and when the next attempt comes. */
export function ConnectionState({ store, retry }: { store: Store; retry: () => void }) {
  const connection = store.connection.value;
  const words = { connecting: "Connecting", live: "Live", lost: "Connection lost" };
  return (
    <div class="connection" data-testid="connection" id="connection" data-state={connection.state}>
      <span class="lamp" aria-hidden="true" />
      <span role="status">{words[connection.state]}</span>
      {connection.state === "lost" && (
        <>
          <Countdown untilMs={connection.retryAtMs} />
          <button type="button" class="quiet" data-testid="retry" onClick={retry}>
            Try now
          </button>
        </>
      )}
    </div>
  );
}

/** Outside the status region, so that a screen reader does not count along. */
function Countdown({ untilMs }: { untilMs: number }) {
  const [, redraw] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => redraw((turn) => turn + 1), 250);
    return () => clearInterval(timer);
  }, []);
  const seconds = Math.max(0, Math.ceil((untilMs - performance.now()) / 1000));
  return <span class="countdown">, reconnecting in {seconds} s</span>;
}
