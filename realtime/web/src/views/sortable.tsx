import type { ComponentChildren } from "preact";
import { useRef, useState } from "preact/hooks";
import { dropAt, moved } from "../explore/order";
import type { SongRow } from "../explore/types";
import { GripIcon } from "./icons";

interface Props {
  songs: readonly SongRow[];
  change: (songs: readonly SongRow[]) => void;
  row: (song: SongRow) => ComponentChildren;
  label: string;
}

/** Songs in an order of one's own: drag a handle, or move it with the arrow keys. */
export function Sortable({ songs, change, row, label }: Props) {
  const list = useRef<HTMLOListElement>(null);
  const [dragged, setDragged] = useState<readonly SongRow[] | null>(null);
  const [said, setSaid] = useState("");
  const seen = dragged ?? songs;

  const onKeyDown = (event: KeyboardEvent, at: number): void => {
    const to = { ArrowUp: at - 1, ArrowDown: at + 1, Home: 0, End: songs.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    const after = moved(songs, at, to);
    if (after === songs) return;
    change(after);
    setSaid(`${songs[at]?.title}: ${after.indexOf(songs[at]!) + 1} of ${after.length}`);
  };
  const onPointerMove = (event: PointerEvent, song: SongRow): void => {
    if (dragged === null || list.current === null) return;
    const from = dragged.indexOf(song);
    const middles = [...list.current.children].map((one) => {
      const { top, height } = one.getBoundingClientRect();
      return top + height / 2;
    });
    setDragged(moved(dragged, from, dropAt(middles, from, event.clientY)));
  };
  const onPointerUp = (): void => {
    if (dragged !== null && dragged.some((one, at) => one !== songs[at])) change(dragged);
    setDragged(null);
  };

  return (
    <>
      <ol class="lines sortable" ref={list} aria-label={label} data-dragging={dragged !== null}>
        {seen.map((song, at) => (
          <li key={song.song} data-song={song.song}>
            <div class="line">
              <button
                type="button"
                class="grip"
                data-testid="grip"
                aria-label={`Move ${song.title}, ${at + 1} of ${seen.length}; use the arrow keys`}
                onKeyDown={(event) => onKeyDown(event, at)}
                onPointerDown={(event) => {
                  event.currentTarget.setPointerCapture(event.pointerId);
                  setDragged(songs);
                }}
                onPointerMove={(event) => onPointerMove(event, song)}
                onPointerUp={onPointerUp}
                onPointerCancel={() => setDragged(null)}
              >
                <GripIcon />
              </button>
              {row(song)}
            </div>
          </li>
        ))}
      </ol>
      <p class="spoken" role="status">
        {said}
      </p>
    </>
  );
}
