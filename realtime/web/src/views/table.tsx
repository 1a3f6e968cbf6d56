import { useComputed } from "@preact/signals";
import { useEffect, useState } from "preact/hooks";
import type { App } from "../app";
import type { Answer, Order, SongPage } from "../explore/types";
import { categorize, chosenBy, type Chosen } from "../map/categories";
import { clock, count } from "../format";
import { Opener } from "./replayed";
import { PlayButton } from "./song-panel";
import { Star } from "./star";

const PAGE = 25;
const TYPING_MS = 200;

interface Column {
  order: Order;
  label: string;
}

const COLUMNS: readonly Column[] = [
  { order: "title", label: "Title" },
  { order: "artist", label: "Artist" },
  { order: "album", label: "Album" },
  { order: "genre", label: "Genre" },
];

/** What of the catalog is seen; `page` counts from 0. */
interface Asked {
  readonly text: string;
  readonly order: Order;
  readonly down: boolean;
  readonly page: number;
}

/** All songs without the map: sorted, searched, and walked through with the arrow keys. */
export function Table({ app }: { app: App }) {
  const [asked, setAsked] = useState<Asked>({ text: "", order: "title", down: false, page: 0 });
  const chosen = useChosen(app);
  const answer = useSongs(app, asked, chosen);
  useEffect(() => setAsked((now) => ({ ...now, page: 0 })), [chosen]);
  const total = answer?.kind === "ok" ? answer.value.total : 0;
  const songs = answer?.kind === "ok" ? answer.value.songs : [];
  const selected = app.explore.selected.value;
  const sort = (order: Order): void =>
    setAsked({ ...asked, order, down: order === asked.order && !asked.down, page: 0 });
  return (
    <section class="songs" aria-labelledby="table-heading" data-testid="table">
      <div class="line-head">
        <h2 id="table-heading">Songs</h2>
        <input
          type="text"
          aria-label="Filter the table"
          placeholder="Filter"
          data-testid="table-filter"
          value={asked.text}
          onInput={(event) => setAsked({ ...asked, text: event.currentTarget.value, page: 0 })}
        />
        <p class="hint" role="status" data-testid="table-total">
          {answer === null ? "" : answer.kind === "ok" ? count(total, "song") : answer.why}
        </p>
      </div>
      {chosen !== null && (
        <p class="hint filtered" data-testid="table-filtered">
          {chosen.words}{" "}
          <button type="button" class="quiet" onClick={() => (app.explore.hidden.value = new Set())}>
            Show all
          </button>
        </p>
      )}
      <div class="scroller">
        <table onKeyDown={walk}>
          <thead>
            <tr>
              <td />
              {COLUMNS.map(({ order, label }) => (
                <th key={order} scope="col" aria-sort={ariaSort(asked, order)}>
                  <button type="button" onClick={() => sort(order)}>
                    {label}
                    <span aria-hidden="true">{asked.order === order ? (asked.down ? " ↓" : " ↑") : ""}</span>
                  </button>
                </th>
              ))}
              <th scope="col" class="number">
                Length
              </th>
              <td />
            </tr>
          </thead>
          <tbody>
            {songs.map((song) => (
              <tr key={song.song} data-song={song.song} data-selected={song.song === selected}>
                <td>
                  <PlayButton app={app} song={song} />
                </td>
                <th scope="row">
                  <Opener app={app} song={song.song} title={song.title} />
                </th>
                <td>{song.artist}</td>
                <td>{song.album}</td>
                <td>{song.genre}</td>
                <td class="number">{song.duration_s > 0 ? clock(song.duration_s) : ""}</td>
                <td>
                  <Star app={app} song={song} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <Pages total={total} page={asked.page} turn={(page) => setAsked({ ...asked, page })} />
    </section>
  );
}

function Pages({ total, page, turn }: { total: number; page: number; turn: (page: number) => void }) {
  const last = Math.max(0, Math.ceil(total / PAGE) - 1);
  if (last === 0) return null;
  return (
    <div class="pages" role="group" aria-label="Pages">
      <button type="button" class="plain" disabled={page === 0} onClick={() => turn(0)}>
        First
      </button>
      <button type="button" class="plain" data-testid="page-before" disabled={page === 0} onClick={() => turn(page - 1)}>
        Before
      </button>
      <span role="status">
        Page {page + 1} of {last + 1}
      </span>
      <button type="button" class="plain" data-testid="page-next" disabled={page === last} onClick={() => turn(page + 1)}>
        Next
      </button>
      <button type="button" class="plain" disabled={page === last} onClick={() => turn(last)}>
        Last
      </button>
    </div>
  );
}

/** What the map's legend leaves of the songs; null: all of them. The same object while it is the same. */
function useChosen({ explore }: App): Chosen | null {
  return useComputed(() => {
    const map = explore.map.value;
    return map === null ? null : chosenBy(categorize(map, explore.colourBy.value), explore.colourBy.value, explore.hidden.value);
  }).value;
}

/** The page's songs, in the order asked for. */
function useSongs(app: App, { text, order, down, page }: Asked, chosen: Chosen | null): Answer<SongPage> | null {
  const [answer, setAnswer] = useState<Answer<SongPage> | null>(null);
  const songs = app.store.catalog.value?.songs;
  useEffect(() => {
    let gone = false;
    const read = async (): Promise<void> => {
      const wanted = text.trim();
      const filter = wanted === "" ? { order } : { text: wanted, order };
      const direction = down ? { descending: 1 as const } : {};
      const found = await app.api.songs({ ...filter, ...direction, ...chosen?.query, limit: PAGE, offset: page * PAGE });
      if (!gone) setAnswer(found);
    };
    const timer = setTimeout(() => void read(), text === "" ? 0 : TYPING_MS);
    return () => {
      gone = true;
      clearTimeout(timer);
    };
  }, [app, songs, text, order, down, page, chosen]);
  return answer;
}

function ariaSort(asked: Asked, order: Order): "ascending" | "descending" | undefined {
  if (asked.order !== order) return undefined;
  return asked.down ? "descending" : "ascending";
}

/** The arrow keys, Home and End walk through the rows in the column of the focus. */
function walk(event: KeyboardEvent): void {
  const cell = event.target instanceof HTMLElement ? event.target.closest("td, th") : null;
  const row = cell?.closest("tbody tr");
  if (!cell || !row?.parentElement) return;
  const rows = [...row.parentElement.children];
  const at = rows.indexOf(row);
  const steps: Record<string, number> = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: rows.length - 1 };
  const next = steps[event.key];
  if (next === undefined) return;
  const column = [...row.children].indexOf(cell);
  rows[next]?.children[column]?.querySelector("button")?.focus();
  event.preventDefault();
}
