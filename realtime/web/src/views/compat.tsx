import { useRef } from "preact/hooks";
import type { App } from "../app";
import { FILE, type Side } from "../explore/compat";
import type { Compat as Found, ForSomebody, LikedFound, SongRow } from "../explore/types";
import { count, percent } from "../format";
import { FileIcon } from "./icons";
import { Recommended } from "./for-you";
import { Opener } from "./replayed";
import { PlayButton } from "./song-panel";

const NAMES: Readonly<Record<Side, string>> = { a: "First", b: "Second" };
const NONE = "";
const STARS = "stars";
const SHOWN_MISSING = 20;

/** How well two lists of songs go together, such as those of two people. */
export function Compat({ app }: { app: App }) {
  const { busy, found, trouble } = app.compat;
  return (
    <section class="compat" data-testid="compat" aria-labelledby="compat-heading">
      <h2 id="compat-heading">Compare two lists</h2>
      <p class="hint">
        Two people's favourites, playlists, or files: M3U, or CSV and JSON with artist and title. Files are read and
        forgotten.
      </p>
      <div class="sides">
        <Choice app={app} side="a" />
        <Choice app={app} side="b" />
      </div>
      <div role="status">
        {busy.value && <p class="hint">Comparing…</p>}
        {trouble.value !== null && (
          <p class="failed" data-testid="compat-trouble">
            {trouble.value}
          </p>
        )}
        {found.value !== null && <Verdict found={found.value} />}
      </div>
      {found.value !== null && <Details app={app} found={found.value} />}
    </section>
  );
}

function Choice({ app, side }: { app: App; side: Side }) {
  const input = useRef<HTMLInputElement>(null);
  const { lists, compat } = app;
  const chosen = compat.lists[side].value;
  const stars = lists.stars.value ?? [];
  const playlists = lists.playlists.value ?? [];
  const choose = (value: string): void => {
    if (value === NONE || value === FILE) return void compat.put(side, null);
    const list = value === STARS ? { name: "Favourites", songs: stars } : playlists.find((one) => String(one.id) === value);
    if (list !== undefined) void compat.put(side, { key: value, list: { name: list.name, songs: ids(list.songs) } });
  };
  return (
    <div class="side" data-side={side}>
      <label htmlFor={`side-${side}`}>{NAMES[side]} list</label>
      <div class="inline">
        <select
          id={`side-${side}`}
          data-testid={`side-${side}`}
          value={chosen?.key ?? NONE}
          onChange={(event) => choose(event.currentTarget.value)}
        >
          <option value={NONE}>Choose…</option>
          {chosen?.key === FILE && <option value={FILE}>{chosen.list.name}</option>}
          <option value={STARS} disabled={stars.length === 0}>
            Favourites ({stars.length})
          </option>
          {playlists.map((one) => (
            <option key={one.id} value={String(one.id)} disabled={one.songs.length === 0}>
              {one.name} ({one.songs.length})
            </option>
          ))}
        </select>
        <button type="button" class="plain" onClick={() => input.current?.click()}>
          <FileIcon />
          <span>A file</span>
        </button>
        <input
          ref={input}
          type="file"
          accept=".m3u,.m3u8,.csv,.json"
          hidden
          data-testid={`side-${side}-file`}
          aria-label={`File for the ${NAMES[side].toLowerCase()} list`}
          onChange={(event) => {
            const file = event.currentTarget.files?.[0];
            event.currentTarget.value = ""; // the same one may be chosen again
            if (file !== undefined) void compat.take(file, side);
          }}
        />
      </div>
    </div>
  );
}

function ids(songs: readonly SongRow[]): number[] {
  return songs.map((one) => one.song);
}

function Verdict({ found }: { found: Found }) {
  return (
    <p class="verdict" data-testid="verdict">
      <strong>{Math.round(100 * found.score)} of 100</strong>, where 50 is chance: closer than {percent(found.percentile)}{" "}
      of pairs of random lists from this catalog.
    </p>
  );
}

function Details({ app, found }: { app: App; found: Found }) {
  return (
    <>
      <section aria-labelledby="shared-heading" data-testid="shared">
        <h3 id="shared-heading">In both: {count(found.shared.length, "song")}</h3>
        <ol class="lines">
          {found.shared.map((song) => (
            <li key={song.song} data-song={song.song}>
              <div class="line">
                <PlayButton app={app} song={song} />
                <Opener app={app} song={song.song} title={song.title} artist={song.artist} />
              </div>
            </li>
          ))}
        </ol>
      </section>
      <div class="sides">
        <Liked app={app} who={found.a} other={found.b} songs={found.for_a} id="for-a" />
        <Liked app={app} who={found.b} other={found.a} songs={found.for_b} id="for-b" />
      </div>
    </>
  );
}

interface LikedProps {
  app: App;
  who: LikedFound;
  other: LikedFound;
  songs: readonly ForSomebody[];
  id: string;
}

/** What whoever has one list may like of the other. */
function Liked({ app, who, other, songs, id }: LikedProps) {
  return (
    <section class="side" data-testid={id} aria-labelledby={id}>
      <h3 id={id}>
        From {other.name}, for {who.name}
      </h3>
      {songs.length === 0 && <p class="hint">Nothing that is not in both.</p>}
      <ol class="lines">
        {songs.map((song) => (
          <Recommended key={song.song} app={app} song={song} />
        ))}
      </ol>
      <Missing list={who} />
    </section>
  );
}

function Missing({ list }: { list: LikedFound }) {
  if (list.not_found.length === 0) return null;
  const more = list.not_found.length - SHOWN_MISSING;
  return (
    <details class="missing">
      <summary>
        {count(list.not_found.length, "song")} of {list.name} not in the catalog
      </summary>
      <ul>
        {list.not_found.slice(0, SHOWN_MISSING).map((one, at) => (
          <li key={at}>{one}</li>
        ))}
        {more > 0 && <li>and {more} more</li>}
      </ul>
    </details>
  );
}
