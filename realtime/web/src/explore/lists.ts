import { computed, signal } from "@preact/signals";
import type { Api } from "./api";
import type { Answer, Playlist, SongRow } from "./types";

export type Lists = ReturnType<typeof createLists>;

/**
 * Favourites and playlists. They change here at once and on the server right after; when the server
 * refuses, what it holds is read again and `trouble` says why.
 */
export function createLists(api: Api) {
  /** Null until the server has answered, and with a server that keeps none. */
  const stars = signal<readonly SongRow[] | null>(null);
  const playlists = signal<readonly Playlist[] | null>(null);
  const trouble = signal<string | null>(null);
  const starred = computed<ReadonlySet<number>>(() => new Set(stars.value?.map((one) => one.song)));

  async function refresh(): Promise<void> {
    const [one, other] = await Promise.all([api.stars(), api.playlists()]);
    if (one.kind === "ok") stars.value = one.value.songs;
    if (other.kind === "ok") playlists.value = other.value.playlists;
  }

  async function check<T>(sent: Promise<Answer<T>>): Promise<T | null> {
    const answer = await sent;
    trouble.value = answer.kind === "ok" ? null : answer.why;
    if (answer.kind === "ok") return answer.value;
    await refresh();
    return null;
  }

  function star(song: SongRow, on: boolean): Promise<unknown> {
    const others = (stars.value ?? []).filter((one) => one.song !== song.song);
    stars.value = on ? [...others, song] : others;
    return check(on ? api.star(song.song) : api.unstar(song.song));
  }

  function orderStars(songs: readonly SongRow[]): Promise<unknown> {
    stars.value = songs;
    return check(api.orderStars(ids(songs)));
  }

  async function add(name: string, songs: readonly SongRow[]): Promise<Playlist | null> {
    const made = await check(api.addPlaylist(name, ids(songs)));
    if (made !== null) playlists.value = [...(playlists.value ?? []), made];
    return made;
  }

  function change(list: Playlist): Promise<unknown> {
    playlists.value = (playlists.value ?? []).map((one) => (one.id === list.id ? list : one));
    return check(api.setPlaylist(list.id, list.name, ids(list.songs)));
  }

  function remove(id: number): Promise<unknown> {
    playlists.value = (playlists.value ?? []).filter((one) => one.id !== id);
    return check(api.removePlaylist(id));
  }

  return { stars, starred, playlists, trouble, refresh, star, orderStars, add, change, remove };
}

function ids(songs: readonly SongRow[]): number[] {
  return songs.map((one) => one.song);
}
