import type { Store } from "../store/store";

/** Matters that need a hand. */
export function Notices({ store }: { store: Store }) {
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
    </div>
  );
}
