import { clock, score } from "../format";
import type { Phase } from "../player/player";
import type { RankedSong } from "../protocol/types";
import { PlayIcon } from "./icons";

interface Props {
  rank: number;
  song: RankedSong;
  /** Its phase when it is the song in the player. */
  phase: Phase | null;
  toggle: (song: RankedSong) => void;
  open: (song: number) => void;
}

export function SongRow({ rank, song, phase, toggle, open }: Props) {
  const running = phase === "playing" || phase === "loading";
  const name = song.artist ? `${song.title} by ${song.artist}` : song.title;
  return (
    <li class="song" data-song={song.song} data-phase={phase ?? "none"}>
      <span class="rank" aria-hidden="true">
        {rank}
      </span>
      <button
        type="button"
        class="round play"
        data-testid="play"
        aria-label={`${running ? "Pause" : "Play"} ${name}`}
        onClick={() => toggle(song)}
      >
        <PlayIcon running={running} />
      </button>
      <button type="button" class="name" data-testid="open" onClick={() => open(song.song)}>
        <span class="title">{song.title}</span> <span class="artist">{song.artist ?? "Unknown artist"}</span>
      </button>
      <span class="album">{song.album}</span>
      <span class="genre">{song.genre && <span class="badge">{song.genre}</span>}</span>
      <span class="duration">
        <span class="spoken">duration </span>
        {clock(song.duration_s)}
      </span>
      <span class="score">
        <span class="spoken">similarity </span>
        {score(song.score)}
      </span>
      <span class="bar" aria-hidden="true">
        <span style={{ transform: `scaleX(${Math.max(0, song.score).toFixed(3)})` }} />
      </span>
    </li>
  );
}
