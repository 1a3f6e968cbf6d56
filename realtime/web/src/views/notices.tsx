import { lost } from "../format";
import type { Store } from "../store/store";

/** Matters that need a hand. */
export function Notices({ store }: { store: Store }) {
  const dropped = store.status.value?.dropped_s ?? 0;
  return (
    <div class="notices" role="status" data-testid="notices">
      {store.newerProtocol.value && (
        <p class="notice">
          The server speaks a newer protocol than this page.{" "}
          <button type="button" class="quiet" onClick={() => location.reload()}>
            Reload the page
          </button>
        </p>
      )}
      {dropped >= 1 && (
        <p class="notice">
          This machine was too slow for the sound: {lost(Math.floor(dropped))} were lost.
        </p>
      )}
    </div>
  );
}
