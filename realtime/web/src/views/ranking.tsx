import { Component, createRef } from "preact";
import { glide, measure, type Tops } from "../flip";
import type { Playing } from "../player/player";
import type { RankedSong } from "../protocol/types";
import { SongRow } from "./song-row";

interface Props {
  songs: readonly RankedSong[];
  playing: Playing | null;
  toggle: (song: RankedSong) => void;
  open: (song: number) => void;
}

/** The rows, keyed by song, gliding to their new places. A class for its snapshot before a change. */
export class Ranking extends Component<Props> {
  readonly #list = createRef<HTMLOListElement>();

  override getSnapshotBeforeUpdate(before: Readonly<Props>): Tops | null {
    const list = this.#list.current;
    if (list === null || before.songs === this.props.songs) return null;
    return matchMedia("(prefers-reduced-motion: reduce)").matches ? null : measure(list);
  }

  override componentDidUpdate(_props: Readonly<Props>, _state: unknown, before: Tops | null): void {
    if (before !== null && this.#list.current !== null) glide(this.#list.current, before);
  }

  override render({ songs, playing, toggle, open }: Props) {
    return (
      <ol class="ranking" ref={this.#list}>
        {songs.map((song, at) => {
          const phase = playing?.song.song === song.song ? playing.phase : null;
          return <SongRow key={song.song} rank={at + 1} song={song} phase={phase} toggle={toggle} open={open} />;
        })}
      </ol>
    );
  }
}
