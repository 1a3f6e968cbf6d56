import { useEffect, useRef, useState } from "preact/hooks";
import type { App } from "../app";
import { shareable } from "../explore/permalink";
import type { SongRow } from "../explore/types";
import { linkOf } from "../explore/wiring";
import { clock, percent } from "../format";
import { AddToPlaylist } from "./add-to-playlist";
import { Distance } from "./distance";
import { CloseIcon, LinkIcon, PlayIcon } from "./icons";
import { Nearest } from "./nearest";
import { PathMaker } from "./path-maker";
import { Star } from "./star";

/** The selected song: what it is, what lies near it, and what can be done with it. */
export function SongPanel({ app }: { app: App }) {
  const { explore } = app;
  const selected = explore.selected.value;
  const detail = explore.detail.value;
  const heading = useRef<HTMLHeadingElement>(null);
  const arrived = detail?.song.song ?? null;
  useEffect(() => {
    // The row that was pressed may be gone, and the focus with it.
    const lost = document.activeElement === null || document.activeElement === document.body;
    if (lost && arrived !== explore.quiet.peek()) heading.current?.focus({ preventScroll: true });
  }, [arrived, explore]);
  if (selected === null) return null;
  return (
    <aside class="song-panel" data-testid="song-panel" data-song={selected} aria-labelledby="song-heading">
      <div class="panel-head">
        <h2 id="song-heading" ref={heading} tabIndex={-1}>Selected song</h2>
        <CopyLink app={app} />
        <button
          type="button"
          class="round small"
          data-testid="close-song"
          aria-label="Close the selected song"
          onClick={() => explore.select(null)}
        >
          <CloseIcon />
        </button>
      </div>
      <p class="spoken" role="status">
        {detail !== null && `Selected: ${named(detail.song)}.`}
      </p>
      {detail === null ? (
        <p class="hint">{explore.trouble.value ?? "One moment."}</p>
      ) : (
        <div class="panel-body" aria-busy={arrived !== selected}>
          <About app={app} song={detail.song} />
          <ul class="chips" aria-label="Tags">
            {detail.tags.map(({ tag, probability }) => (
              <li key={tag}>
                {tag} <span>{percent(probability)}</span>
              </li>
            ))}
          </ul>
          <Nearest app={app} song={detail.song} />
          <Distance app={app} song={detail.song} />
          <PathMaker app={app} from={detail.song} />
        </div>
      )}
    </aside>
  );
}

/** A song's name for sentences. */
export function named(song: Pick<SongRow, "title" | "artist">): string {
  return song.artist ? `${song.title} by ${song.artist}` : song.title;
}

function About({ app, song }: { app: App; song: SongRow }) {
  return (
    <>
      <p class="song-title" data-testid="song-title">
        {song.title}
      </p>
      <p class="song-by">
        <span class="artist">{song.artist ?? "Unknown artist"}</span>
      </p>
      <p class="facts">{[song.album, song.genre, song.duration_s > 0 ? clock(song.duration_s) : null].filter(Boolean).join(" · ")}</p>
      <div class="actions">
        <PlayButton app={app} song={song} strong />
        <Star app={app} song={song} />
        <AddToPlaylist app={app} songs={[song]} />
      </div>
    </>
  );
}

export function PlayButton({ app, song, strong = false }: { app: App; song: SongRow; strong?: boolean }) {
  const now = app.player.now.value;
  const running = now?.song.song === song.song && (now.phase === "playing" || now.phase === "loading");
  return (
    <button
      type="button"
      class={strong ? "round strong" : "round small play"}
      data-testid="play"
      aria-label={`${running ? "Pause" : "Play"} ${named(song)}`}
      onClick={() => app.player.toggle(song)}
    >
      <PlayIcon running={running} />
    </button>
  );
}

const SAID_MS = 2500;

/** Copies the address of what is seen, for others: it holds no token. */
function CopyLink({ app }: { app: App }) {
  const [said, setSaid] = useState("");
  useEffect(() => {
    if (said === "") return;
    const timer = setTimeout(() => setSaid(""), SAID_MS);
    return () => clearTimeout(timer);
  }, [said]);
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(shareable(app.page, linkOf(app)));
      setSaid("Copied");
    } catch {
      setSaid("Copy it from the address bar"); // no clipboard over plain HTTP
    }
  };
  return (
    <>
      <span class="hint said" role="status">
        {said}
      </span>
      <button type="button" class="round small" aria-label="Copy a link to this" onClick={() => void copy()}>
        <LinkIcon />
      </button>
    </>
  );
}
