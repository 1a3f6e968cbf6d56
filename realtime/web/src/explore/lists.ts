import { computed, signal } from "@preact/signals";
import type { Api } from "./api";
import type { Answer, Playlist, SongRow } from "./types";

export type Lists = ReturnType<typeof createLists>;

/**
 * Favourites and playlists. They change here at once and on the server right after, one change after
 * another as they were made; when the server refuses, what it holds is read again and `trouble` says
 * why.
 */
export function createLists(api: Api) {
  /** Null until the server has answered, and with a server that keeps none. */
  const stars = signal<readonly SongRow[] | null>(null);
  const playlists = signal<readonly Playlist[] | null>(null);
  const trouble = signal<string | null>(null);
  /** Changes that the server has not answered yet. */
  const unsaved = signal(0);
  const starred = computed<ReadonlySet<number>>(() => new Set(stars.value?.map((one) => one.song)));

  async function refresh(): Promise<void> {
    const [one, other] = await Promise.all([api.stars(), api.playlists()]);
    if (one.kind === "ok") stars.value = one.value.songs;
    if (other.kind === "ok") playlists.value = other.value.playlists;
  }

  let newest: Promise<unknown> = Promise.resolve();
  let refused = false;

  /** Sends a change once the ones before it are answered: two on their way may change places. */
  function save<T>(send: () => Promise<Answer<T>>): Promise<T | null> {
    if (unsaved.value === 0) trouble.value = null;
    unsaved.value += 1;
    const saving = newest.then(() => check(send)).finally(() => (unsaved.value -= 1));
    newest = saving;
    return saving;
  }

  async function check<T>(send: () => Promise<Answer<T>>): Promise<T | null> {
    const answer = await send();
    if (answer.kind !== "ok") {
      trouble.value = answer.why;
      refused = true;
    }
    if (refused && unsaved.value === 1) {
      refused = false; // after the last change: none that is still to come is lost from view
      await refresh();
    }
    return answer.kind === "ok" ? answer.value : null;
  }

  /** Resolves when the server has answered every change. */
  async function saved(): Promise<void> {
    while (unsaved.value > 0) await newest;
  }

  function star(song: SongRow, on: boolean): Promise<unknown> {
    const others = (stars.value ?? []).filter((one) => one.song !== song.song);
    stars.value = on ? [...others, song] : others;
    return save(() => (on ? api.star(song.song) : api.unstar(song.song)));
  }

  function orderStars(songs: readonly SongRow[]): Promise<unknown> {
    stars.value = songs;
    return save(() => api.orderStars(ids(songs)));
  }

  async function add(name: string, songs: readonly SongRow[]): Promise<Playlist | null> {
    const made = await save(() => api.addPlaylist(name, ids(songs)));
    if (made !== null) playlists.value = [...(playlists.value ?? []), made];
    return made;
  }

  function change(list: Playlist): Promise<unknown> {
    playlists.value = (playlists.value ?? []).map((one) => (one.id === list.id ? list : one));
    return save(() => api.setPlaylist(list.id, list.name, ids(list.songs)));
  }

  function remove(id: number): Promise<unknown> {
    playlists.value = (playlists.value ?? []).filter((one) => one.id !== id);
    return save(() => api.removePlaylist(id));
  }

  return { stars, starred, playlists, trouble, unsaved, saved, refresh, star, orderStars, add, change, remove };
}

function ids(songs: readonly SongRow[]): number[] {
  return songs.map((one) => one.song);
}
