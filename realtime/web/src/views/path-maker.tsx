import { useState } from "preact/hooks";
import type { App } from "../app";
import type { SongRow } from "../explore/types";
import { AddToPlaylist } from "./add-to-playlist";
import { Opener } from "./replayed";
import { named, PlayButton } from "./song-panel";
import { SongPicker } from "./song-picker";

const SHORTEST = 3;
const LONGEST = 50;
const USUAL = 8;

/** Makes a path of small steps from the selected song to another one. */
export function PathMaker({ app, from }: { app: App; from: SongRow }) {
  const [length, setLength] = useState(USUAL);
  const songs = app.explore.pathSongs.value;
  const [said, setSaid] = useState("");
  const make = async (to: SongRow): Promise<void> => {
    setSaid(`Looking for a path to ${named(to)}.`);
    const answer = await app.api.path(from.song, to.song, length);
    const found = answer.kind === "ok" ? answer.value.songs : [];
    app.explore.pathSongs.value = found;
    app.explore.put(found);
    setSaid(answer.kind === "ok" ? `${found.length} songs to ${named(to)}.` : answer.why);
  };
  return (
    <section class="path" data-testid="path" aria-labelledby="path-heading">
      <div class="line-head">
        <h3 id="path-heading">Make a path</h3>
        <label>
          of{" "}
          <input
            type="number"
            min={SHORTEST}
            max={LONGEST}
            value={length}
            data-testid="path-length"
            onInput={(event) => {
              const value = event.currentTarget.valueAsNumber;
              if (value >= SHORTEST && value <= LONGEST) setLength(Math.floor(value));
            }}
          />{" "}
          songs
        </label>
      </div>
      <SongPicker
        api={app.api}
        label="To which song"
        placeholder="To which song"
        testId="path-to"
        listTestId="path-suggestions"
        pick={(to) => void make(to)}
      />
      <p class="hint" role="status">
        {said}
      </p>
      {songs.length > 0 && (
        <>
          <ol class="lines" data-testid="path-songs">
            {songs.map((one) => (
              <li key={one.song} data-song={one.song}>
                <div class="line">
                  <PlayButton app={app} song={one} />
                  <Opener app={app} song={one.song} title={one.title} artist={one.artist} />
                </div>
              </li>
            ))}
          </ol>
          <div class="actions">
            <button type="button" class="plain" onClick={() => app.player.play(songs.map((song) => ({ song })))}>
              Play all
            </button>
            <AddToPlaylist app={app} songs={songs} label="Save as playlist" />
            <button
              type="button"
              class="plain"
              onClick={() => {
                app.explore.pathSongs.value = [];
                setSaid("");
              }}
            >
              Clear
            </button>
          </div>
        </>
      )}
    </section>
  );
}
