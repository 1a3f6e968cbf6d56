import { useState } from "preact/hooks";
import type { App } from "../app";
import type { Lists } from "../explore/lists";
import type { ExportFormat, Playlist, SongRow } from "../explore/types";
import { count } from "../format";
import { CloseIcon } from "./icons";
import { Opener } from "./replayed";
import { named, PlayButton } from "./song-panel";
import { Sortable } from "./sortable";
import { Star } from "./star";

const FORMATS: readonly ExportFormat[] = ["m3u8", "csv", "json"];
const LONGEST_NAME = 200;

/** Favourites and playlists. */
export function Saved({ app }: { app: App }) {
  const { stars, playlists, trouble } = app.lists;
  return (
    <div class="saved">
      {trouble.value !== null && (
        <p class="notice" role="alert">
          {trouble.value}
        </p>
      )}
      <section aria-labelledby="favourites-heading" data-testid="favourites">
        <ListHead app={app} id="favourites-heading" title="Favourites" songs={stars.value ?? []} playlist={null} />
        {stars.value === null && <p class="hint">This server keeps no favourites.</p>}
        {stars.value?.length === 0 && <p class="hint">The star of a song puts it here.</p>}
        <Sortable
          label="Favourites"
          songs={stars.value ?? []}
          change={(songs) => void app.lists.orderStars(songs)}
          row={(song) => (
            <>
              <SongLine app={app} song={song} />
              <Star app={app} song={song} />
            </>
          )}
        />
      </section>
      <section aria-labelledby="playlists-heading" data-testid="playlists">
        <h2 id="playlists-heading">Playlists</h2>
        {playlists.value !== null && <NewPlaylist app={app} />}
        {playlists.value?.map((one) => <PlaylistView key={one.id} app={app} list={one} />)}
      </section>
    </div>
  );
}

function playable(songs: readonly SongRow[]) {
  return songs.filter((song) => song.gone !== true).map((song) => ({ song }));
}

function SongLine({ app, song }: { app: App; song: SongRow }) {
  if (song.gone === true) return <Gone song={song} />;
  return (
    <>
      <PlayButton app={app} song={song} />
      <Opener app={app} song={song.song} title={song.title} artist={song.artist} />
    </>
  );
}

/** A song that is kept here, and no more in the catalog: it can be neither played nor opened. */
function Gone({ song }: { song: SongRow }) {
  return (
    <span class="opener gone" data-testid="gone">
      <span class="title">{song.title}</span>
      <span class="artist">{song.artist !== null && `${song.artist} · `}no longer in the catalog</span>
    </span>
  );
}

interface HeadProps {
  app: App;
  id: string;
  title: string;
  songs: readonly SongRow[];
  playlist: number | null;
}

function ListHead({ app, id, title, songs, playlist }: HeadProps) {
  const Heading = playlist === null ? "h2" : "h3";
  return (
    <div class="line-head">
      <Heading id={id}>{title}</Heading>
      <span class="hint">{count(songs.length, "song")}</span>
      {songs.length > 0 && (
        <>
          <button type="button" class="plain" onClick={() => app.player.play(playable(songs))}>
            Play all
          </button>
          <span class="exports">
            {FORMATS.map((format) => (
              <a
                key={format}
                class="quiet"
                download
                data-testid={`export-${format}`}
                aria-label={`Export ${title} as ${format.toUpperCase()}`}
                href={app.api.exportAddress(playlist, format)}
                onClick={(event) => void whenSaved(app.lists, event)}
              >
                {format.toUpperCase()}
              </a>
            ))}
          </span>
        </>
      )}
    </div>
  );
}

/** The server writes the file, so it must know every change that is seen here. */
async function whenSaved(lists: Lists, event: MouseEvent): Promise<void> {
  const link = event.currentTarget as HTMLAnchorElement;
  if (lists.unsaved.value === 0) return;
  event.preventDefault();
  await lists.saved();
  link.click();
}

function NewPlaylist({ app }: { app: App }) {
  const [name, setName] = useState("");
  return (
    <form
      class="inline"
      onSubmit={(event) => {
        event.preventDefault();
        if (name.trim() === "") return;
        void app.lists.add(name.trim(), []);
        setName("");
      }}
    >
      <input
        type="text"
        aria-label="Name of a new playlist"
        placeholder="New playlist"
        required
        maxLength={LONGEST_NAME}
        data-testid="new-playlist"
        value={name}
        onInput={(event) => setName(event.currentTarget.value)}
      />
      <button type="submit" class="plain">
        Make it
      </button>
    </form>
  );
}

function PlaylistView({ app, list }: { app: App; list: Playlist }) {
  const change = (songs: readonly SongRow[]): void => void app.lists.change({ ...list, songs });
  return (
    <section class="playlist" data-testid="playlist" aria-labelledby={`playlist-${list.id}`}>
      <ListHead app={app} id={`playlist-${list.id}`} title={list.name} songs={list.songs} playlist={list.id} />
      <Sortable
        label={list.name}
        songs={list.songs}
        change={change}
        row={(song) => (
          <>
            <SongLine app={app} song={song} />
            <button
              type="button"
              class="round small"
              aria-label={`Take ${named(song)} from ${list.name}`}
              onClick={() => change(list.songs.filter((one) => one !== song))}
            >
              <CloseIcon />
            </button>
          </>
        )}
      />
      <Changes app={app} list={list} />
    </section>
  );
}

/** Another name, or the end of a playlist. */
function Changes({ app, list }: { app: App; list: Playlist }) {
  const [name, setName] = useState(list.name);
  const [sure, setSure] = useState(false);
  return (
    <details class="changes">
      <summary>Rename or delete</summary>
      <form
        class="inline"
        onSubmit={(event) => {
          event.preventDefault();
          if (name.trim() !== "") void app.lists.change({ ...list, name: name.trim() });
        }}
      >
        <input
          type="text"
          aria-label={`Name of ${list.name}`}
          required
          maxLength={LONGEST_NAME}
          value={name}
          onInput={(event) => setName(event.currentTarget.value)}
        />
        <button type="submit" class="plain">
          Rename
        </button>
        <button type="button" class="plain" onClick={() => (sure ? void app.lists.remove(list.id) : setSure(true))}>
          {sure ? "Delete for good" : "Delete"}
        </button>
      </form>
    </details>
  );
}
