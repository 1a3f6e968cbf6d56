import { useEffect, useState } from "preact/hooks";
import type { App } from "../app";
import type { Day, Play } from "../explore/types";
import { dayOf, percent, span, timeOfDay } from "../format";
import { Opener } from "./replayed";

const PLAYS = 50;
/** A song is noted some seconds after its end, when nothing speaks for it any more. */
const AGAIN_MS = 5_000;
const HOURS = 24;

/** The songs that were heard, and what sounded through the day. */
export function History({ app }: { app: App }) {
  const [date, setDate] = useState(() => dayOf(new Date()));
  return (
    <section class="history" data-testid="history" aria-labelledby="history-heading">
      <div class="line-head">
        <h2 id="history-heading">History</h2>
        <input
          type="date"
          aria-label="Day"
          data-testid="history-day"
          value={date}
          max={dayOf(new Date())}
          onInput={(event) => {
            if (event.currentTarget.value !== "") setDate(event.currentTarget.value);
          }}
        />
      </div>
      <DayView app={app} date={date} />
      <Plays app={app} />
    </section>
  );
}

function DayView({ app, date }: { app: App; date: string }) {
  const [day, setDay] = useState<Day | null>(null);
  useEffect(() => {
    let gone = false;
    const east = -new Date(`${date}T12:00`).getTimezoneOffset();
    const read = async (): Promise<void> => {
      const answer = await app.api.day(date, east);
      if (!gone) setDay(answer.kind === "ok" ? answer.value : null);
    };
    void read();
    const timer = setInterval(() => void read(), AGAIN_MS);
    return () => {
      gone = true;
      clearInterval(timer);
    };
  }, [app, date]);
  if (day === null) return null;
  return (
    <>
      <h3>Songs by hour</h3>
      <HeatMap hours={day.hours} />
      {day.tags.length > 0 && <h3>The day sounded like</h3>}
      <ul class="chips" data-testid="day-tags">
        {day.tags.map(({ tag, share }) => (
          <li key={tag}>
            {tag} <span>{percent(share)}</span>
          </li>
        ))}
      </ul>
    </>
  );
}

const SHADES = 5;
const HOUR_S = 3600;

/** How dark an hour is drawn: 0 for nothing, 5 for an hour full of songs. */
export function shade(seconds: number): number {
  return Math.min(SHADES, Math.ceil((Math.max(0, seconds) / HOUR_S) * SHADES));
}

function HeatMap({ hours }: { hours: readonly number[] }) {
  const busy = hours.flatMap((seconds, hour) => (seconds > 0 ? [`${hour}:00, ${span(seconds)}`] : []));
  const words = busy.length === 0 ? "no songs" : busy.join("; ");
  return (
    <div class="heat" data-testid="heat" role="img" aria-label={`Songs heard by hour: ${words}`}>
      {Array.from({ length: HOURS }, (_, hour) => (
        <div key={hour} class="hour">
          <span class="cell" data-shade={shade(hours[hour] ?? 0)} title={`${hour}:00: ${span(hours[hour] ?? 0)}`} />
          {hour % 6 === 0 && <span class="mark">{hour}:00</span>}
        </div>
      ))}
    </div>
  );
}

function Plays({ app }: { app: App }) {
  const [plays, setPlays] = useState<readonly Play[]>([]);
  const [more, setMore] = useState(true);
  const [said, setSaid] = useState<string | null>(null);
  const read = async (before?: Play): Promise<void> => {
    const answer = await app.api.plays(PLAYS, before?.id);
    setSaid(answer.kind === "ok" ? null : answer.why);
    if (answer.kind !== "ok") return;
    setPlays((kept) => joined(kept, answer.value.plays));
    if (answer.value.plays.length < PLAYS) setMore(false); // the oldest is among them
  };
  useEffect(() => {
    void read();
    const timer = setInterval(() => void read(), AGAIN_MS);
    return () => clearInterval(timer);
  }, [app]);
  if (said !== null) return <p class="hint">{said}</p>;
  if (plays.length === 0) return <p class="hint">Songs that are recognized are noted here when they end.</p>;
  return (
    <>
      <h3>Songs, newest first</h3>
      <div class="scroller">
        <table>
          <thead>
            <tr>
              <th scope="col">When</th>
              <th scope="col">Song</th>
              <th scope="col">Artist</th>
              <th scope="col">Heard</th>
              <th scope="col">Source</th>
            </tr>
          </thead>
          <tbody>
            {plays.map((play) => (
              <PlayRow key={play.id} app={app} play={play} />
            ))}
          </tbody>
        </table>
      </div>
      {more && plays.length >= PLAYS && (
        <button type="button" class="plain" onClick={() => void read(plays.at(-1))}>
          Older
        </button>
      )}
    </>
  );
}

/** Both lists as one, newest first, each play once. */
function joined(kept: readonly Play[], read: readonly Play[]): readonly Play[] {
  const known = new Map([...kept, ...read].map((play) => [play.id, play]));
  return [...known.values()].toSorted((one, other) => other.id - one.id);
}

function PlayRow({ app, play }: { app: App; play: Play }) {
  const [start, end] = [Date.parse(play.started_at) / 1000, Date.parse(play.ended_at) / 1000];
  return (
    <tr data-play={play.id}>
      <td>
        <time dateTime={play.started_at}>
          {dayOf(new Date(start * 1000))} {timeOfDay(start)}
        </time>
      </td>
      <th scope="row">
        <Opener app={app} song={play.song} title={play.title} />
      </th>
      <td>{play.artist}</td>
      <td>{span(end - start)}</td>
      <td>{play.source_name}</td>
    </tr>
  );
}
