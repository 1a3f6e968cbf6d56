import { useId, useState } from "preact/hooks";
import type { App } from "../app";
import type { SongRow } from "../explore/types";

const NEW = "new";
const LONGEST_NAME = 200;

/** Puts songs into a playlist, an old one or a new one. */
export function AddToPlaylist({ app, songs, label = "Add to playlist" }: { app: App; songs: readonly SongRow[]; label?: string }) {
  const [open, setOpen] = useState(false);
  const [said, setSaid] = useState("");
  const playlists = app.lists.playlists.value;
  if (playlists === null) return null;
  return (
    <div class="adding">
      <button type="button" class="plain" data-testid="add-to-playlist" aria-expanded={open} onClick={() => setOpen(!open)}>
        {label}
      </button>
      <span class="hint" role="status">
        {said}
      </span>
      {open && (
        <Form
          app={app}
          songs={songs}
          done={(text) => {
            setOpen(false);
            setSaid(text);
          }}
        />
      )}
    </div>
  );
}

function Form({ app, songs, done }: { app: App; songs: readonly SongRow[]; done: (said: string) => void }) {
  const id = useId();
  const playlists = app.lists.playlists.value ?? [];
  const [target, setTarget] = useState(String(playlists[0]?.id ?? NEW));
  const [name, setName] = useState("");
  const list = playlists.find((one) => String(one.id) === target);
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (list !== undefined) {
      await app.lists.change({ ...list, songs: [...list.songs, ...songs] });
      done(`In ${list.name}`);
    } else if (name.trim() !== "") {
      const made = await app.lists.add(name.trim(), songs);
      done(made === null ? (app.lists.trouble.value ?? "") : `In ${made.name}`);
    }
  };
  return (
    <form class="inline" onSubmit={(event) => void submit(event)}>
      <label htmlFor={`${id}-list`} class="spoken">
        Playlist
      </label>
      <select id={`${id}-list`} value={target} onChange={(event) => setTarget(event.currentTarget.value)}>
        {playlists.map((one) => (
          <option key={one.id} value={String(one.id)}>
            {one.name}
          </option>
        ))}
        <option value={NEW}>New playlist</option>
      </select>
      {list === undefined && (
        <input
          type="text"
          aria-label="Name of the playlist"
          data-testid="playlist-name"
          placeholder="Name"
          required
          maxLength={LONGEST_NAME}
          value={name}
          onInput={(event) => setName(event.currentTarget.value)}
        />
      )}
      <button type="submit" class="plain" data-testid="playlist-save">
        Add
      </button>
    </form>
  );
}
