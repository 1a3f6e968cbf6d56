import type { ComponentChildren } from "preact";
import type { App } from "../app";
import { theme, toggleTheme } from "../theme";
import { ConnectionState } from "./connection-state";
import { JobsButton } from "./jobs";
import { Search } from "./search";
import { SourceState } from "./source-state";

interface Props {
  app: App;
  retry: () => void;
  /** What lets the page hear other sound than the daemon's. */
  tools: ComponentChildren;
}

export function Header({ app, retry, tools }: Props) {
  const { store } = app;
  return (
    <header class="top">
      <h1 class="wordmark">
        <Mark />
        <span>
          now<em>hear</em>
        </span>
      </h1>
      <Search app={app} />
      <SourceState store={store} />
      <ConnectionState store={store} retry={retry} />
      <JobsButton app={app} />
      {tools}
      <button
        type="button"
        class="round"
        data-testid="theme"
        aria-label={theme.value === "night" ? "Change to the day theme" : "Change to the night theme"}
        onClick={toggleTheme}
      >
        <svg viewBox="0 0 24 24" aria-hidden="true">
          {theme.value === "night" ? (
            <path d="M12 7.500a4.500 4.500 0 1 1 0 9a4.500 4.500 0 0 1 0-9ZM12 2v2M12 20v2M2 12h2M20 12h2M5 5l1.400 1.400M17.600 17.600L19 19M5 19l1.400-1.400M17.600 6.400L19 5" />
          ) : (
            <path d="M19.500 14.500A8 8 0 0 1 9.500 4.500a8 8 0 1 0 10 10Z" />
          )}
        </svg>
      </button>
    </header>
  );
}

function Mark() {
  return (
    <svg class="mark" viewBox="0 0 24 24" aria-hidden="true">
      <path d="M4 14v-4M9.300 18V6M14.700 21V3M20 13.500v-3" />
    </svg>
  );
}
