import { useEffect, useId, useRef, useState } from "preact/hooks";
import type { Api } from "../explore/api";
import type { SongRow } from "../explore/types";
import { count } from "../format";

const MOST = 8;
const TYPING_MS = 150;

interface Props {
  api: Api;
  label: string;
  placeholder: string;
  pick: (song: SongRow) => void;
  testId: string;
  listTestId: string;
}

/** A field that finds songs while one types: the combobox of the ARIA practices, with a list. */
export function SongPicker({ api, label, placeholder, pick, testId, listTestId }: Props) {
  const id = useId();
  const [text, setText] = useState("");
  const [open, setOpen] = useState(false);
  const [active, setActive] = useState(-1);
  const found = useFound(api, text);
  const songs = found?.songs ?? [];
  const showing = open && text.trim() !== "" && found !== null;

  const choose = (song: SongRow | undefined): void => {
    if (song === undefined) return;
    setText("");
    setOpen(false);
    setActive(-1);
    pick(song);
  };
  const move = (to: number): void => {
    setOpen(true);
    setActive(songs.length === 0 ? -1 : (to + songs.length) % songs.length);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === "ArrowDown") move(active + 1);
    else if (event.key === "ArrowUp") move(active < 0 ? songs.length - 1 : active - 1);
    else if (event.key === "Enter") choose(showing ? songs[Math.max(0, active)] : undefined);
    else if (event.key === "Escape" && text !== "") {
      if (!showing) setText("");
      setOpen(false);
      event.stopPropagation(); // the player goes on
    } else return;
    event.preventDefault();
  };

  return (
    <div class="picker">
      <input
        type="text"
        role="combobox"
        autocomplete="off"
        spellcheck={false}
        aria-label={label}
        aria-autocomplete="list"
        aria-expanded={showing}
        aria-controls={`${id}-list`}
        aria-activedescendant={showing && active >= 0 ? `${id}-${active}` : undefined}
        placeholder={placeholder}
        data-testid={testId}
        value={text}
        onInput={(event) => {
          setText(event.currentTarget.value);
          setActive(-1);
          setOpen(true);
        }}
        onKeyDown={onKeyDown}
        onBlur={() => setOpen(false)}
      />
      <ul class="suggestions" role="listbox" id={`${id}-list`} aria-label={label} data-testid={listTestId} hidden={!showing || songs.length === 0}>
        {songs.map((song, at) => (
          <li
            key={song.song}
            id={`${id}-${at}`}
            role="option"
            aria-selected={at === active}
            data-song={song.song}
            onMouseDown={(event) => event.preventDefault() /* the field keeps the focus */}
            onClick={() => choose(song)}
          >
            <span class="title">{song.title}</span>
            <span class="artist">{[song.artist, song.genre].filter(Boolean).join(" · ")}</span>
          </li>
        ))}
      </ul>
      <p class={showing && songs.length === 0 ? "suggestions none" : "spoken"} role="status">
        {showing && (found.total === 0 ? "No song is called so." : count(found.total, "song"))}
      </p>
    </div>
  );
}

interface Found {
  songs: readonly SongRow[];
  total: number;
}

/** The songs that hold every word of `text`; null before the answer. */
function useFound(api: Api, text: string): Found | null {
  const [found, setFound] = useState<Found | null>(null);
  const newest = useRef("");
  useEffect(() => {
    const wanted = text.trim();
    newest.current = wanted;
    if (wanted === "") return setFound(null);
    const timer = setTimeout(async () => {
      const answer = await api.songs({ text: wanted, limit: MOST });
      if (newest.current === wanted) setFound(answer.kind === "ok" ? answer.value : { songs: [], total: 0 });
    }, TYPING_MS);
    return () => clearTimeout(timer);
  }, [api, text]);
  return found;
}
