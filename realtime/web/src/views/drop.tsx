import { useEffect, useRef, useState } from "preact/hooks";
import type { Side } from "../explore/compat";
import type { Drop as Dropped, Identified } from "../device/identify";
import { clock, score } from "../format";
import type { MatchedSong } from "../protocol/types";
import { FileIcon } from "./icons";

interface Props {
  drop: Dropped;
  /** Shows a song on the map. */
  open: (song: number) => void;
  /** Takes a list of songs, dropped on a side of a comparison or elsewhere; whether it was one. */
  lists?: (file: File, side?: Side) => boolean;
}

/** A file that is dropped anywhere on the page, or chosen, is named and ranked. */
export function Drop({ drop, open, lists }: Props) {
  const input = useRef<HTMLInputElement>(null);
  const hovering = useFiles((file, over) => {
    const side = over?.closest<HTMLElement>("[data-side]")?.dataset["side"];
    if (!lists?.(file, side === "a" || side === "b" ? side : undefined)) void drop.take(file);
  });
  return (
    <div class="drop" data-testid="drop" data-state={drop.state.value.kind}>
      <button type="button" class="plain" data-testid="drop-button" onClick={() => input.current?.click()}>
        <FileIcon />
        <span>Name a file</span>
      </button>
      <input
        ref={input}
        type="file"
        accept="audio/*,video/*"
        hidden
        data-testid="drop-input"
        aria-label="Audio file to name"
        onChange={(event) => {
          const file = event.currentTarget.files?.[0];
          event.currentTarget.value = ""; // the same one may be chosen again
          if (file !== undefined) void drop.take(file);
        }}
      />
      {hovering && (
        <div class="drop-here" aria-hidden="true">
          <p>Drop it: sound is named, a list compared</p>
        </div>
      )}
      <Said drop={drop} open={open} />
    </div>
  );
}

/** Whether files are held over the page; one that is let go there is taken. */
function useFiles(take: (file: File, over: Element | null) => void): boolean {
  const [hovering, setHovering] = useState(false);
  useEffect(() => {
    const over = (event: DragEvent): void => {
      if (!event.dataTransfer?.types.includes("Files")) return;
      event.preventDefault(); // else the browser would open the file in place of the page
      setHovering(true);
    };
    const leave = (event: DragEvent): void => {
      if (event.relatedTarget === null) setHovering(false);
    };
    const dropped = (event: DragEvent): void => {
      setHovering(false);
      if (!event.dataTransfer?.types.includes("Files")) return;
      event.preventDefault();
      const file = event.dataTransfer.files[0];
      if (file !== undefined) take(file, event.target instanceof Element ? event.target : null);
    };
    addEventListener("dragover", over);
    addEventListener("dragleave", leave);
    addEventListener("drop", dropped);
    return () => {
      removeEventListener("dragover", over);
      removeEventListener("dragleave", leave);
      removeEventListener("drop", dropped);
    };
  }, []);
  return hovering;
}

function Said({ drop, open }: Props) {
  const state = drop.state.value;
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    if (state.kind === "done") heading.current?.focus();
  }, [state.kind]);
  if (state.kind === "idle") return null;
  const file = state.kind === "done" ? state.found.file : state.file;
  return (
    <section
      class="identified"
      data-testid="identified"
      data-state={state.kind}
      aria-label="What the file is"
      aria-busy={state.kind === "working"}
      onKeyDown={(event) => {
        if (event.key === "Escape") drop.dismiss();
      }}
    >
      <div class="line-head">
        <h2 ref={heading} tabIndex={-1} class="hint">
          {file}
        </h2>
        <button type="button" class="quiet" data-testid="identified-close" onClick={drop.dismiss}>
          Close
        </button>
      </div>
      <div role="status">
        {state.kind === "working" && <p>Listening to the file…</p>}
        {state.kind === "failed" && <p class="failed">{state.why}</p>}
        {state.kind === "done" && <Found found={state.found} open={open} />}
      </div>
    </section>
  );
}

function Found({ found, open }: { found: Identified; open: (song: number) => void }) {
  const { match, similar } = found;
  const nearest = match ?? similar[0];
  return (
    <>
      {match === null ? (
        <p class="song-title">Not in your catalog</p>
      ) : (
        <>
          <p class="song-title" data-testid="identified-title">
            {match.title}
          </p>
          <p>
            {match.artist ?? "Unknown artist"}
            <span class="hint">{where(match.position)}</span>
          </p>
        </>
      )}
      <Ranked similar={similar} open={open} />
      <div class="actions">
        {nearest !== undefined && (
          <button type="button" class="plain" data-testid="identified-map" onClick={() => open(nearest.song)}>
            {match === null ? "Nearest song on the map" : "On the map"}
          </button>
        )}
        <span class="hint">Nothing of the file is kept.</span>
      </div>
    </>
  );
}

function Ranked({ similar, open }: { similar: Identified["similar"]; open: (song: number) => void }) {
  if (similar.length === 0) return null;
  return (
    <>
      <h3>Songs like it</h3>
      <ol class="lines" data-testid="identified-similar">
        {similar.map((one) => (
          <li key={one.song} data-song={one.song}>
            <div class="line">
              <button type="button" class="opener" onClick={() => open(one.song)}>
                <span class="title">{one.title}</span>
                <span class="artist">{artist(one)}</span>
              </button>
              <span class="score">
                <span class="spoken">similarity </span>
                {score(one.score)}
              </span>
            </div>
          </li>
        ))}
      </ol>
    </>
  );
}

function artist(song: MatchedSong): string {
  return song.artist ?? "Unknown artist";
}

/** Where in the song the file begins. */
function where(positionS: number): string {
  return positionS < NEAR_S ? "" : `, from ${clock(positionS)} on`;
}

/** A position is right to within this, in seconds. */
const NEAR_S = 0.5;
