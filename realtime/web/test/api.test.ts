import { describe, expect, it } from "vitest";
import { createApi } from "../src/explore/api";
import { createLists } from "../src/explore/lists";
import { Names } from "../src/explore/names";
import { createExplore } from "../src/explore/state";
import { song } from "./examples";

type Handler = (url: URL, init: RequestInit) => Response | Promise<Response>;

const PAGE = "http://host:1/?token=secret#song=4";
const settle = () => new Promise((resolve) => setTimeout(resolve, 0));
const json = (body: unknown, status = 200) => new Response(JSON.stringify(body), { status });

/** An api whose server is `handler`, and the addresses that were asked for. */
function server(handler: Handler) {
  const asked: string[] = [];
  const fetch = async (address: RequestInfo | URL, init: RequestInit = {}) => {
    const url = new URL(String(address));
    expect(url.origin).toBe("http://host:1");
    expect(url.searchParams.get("token")).toBe("secret");
    expect(url.hash).toBe("");
    url.searchParams.delete("token");
    asked.push(`${init.method ?? "GET"} ${decodeURIComponent(url.pathname + url.search)}`);
    return handler(url, init);
  };
  return { api: createApi(fetch as typeof globalThis.fetch, PAGE), asked };
}

/** Three songs in a row on the x axis. */
function mapBytes(): ArrayBuffer {
  const bytes = new ArrayBuffer(8 + 3 * 20);
  new DataView(bytes).setUint32(0, 0x314d574e, true);
  new DataView(bytes).setUint32(4, 3, true);
  new Int32Array(bytes, 8, 3).set([1, 2, 3]);
  new Float32Array(bytes, 20, 9).set([0, 0, 0, 1, 0, 0, 2, 0, 0]);
  new Uint8Array(bytes, 62, 6).fill(255);
  return bytes;
}
const ABOUT = { version: "v1", genres: ["Rock"], tags: [], themes: [] };

/** A server with three songs and a map of them. */
const catalog: Handler = (url) => {
  const path = url.pathname.replace("/api/", "");
  if (path === "map") return json(ABOUT);
  if (path === "map.bin") return new Response(mapBytes());
  if (path === "songs") {
    const ids = (url.searchParams.get("ids") ?? "").split(",").map(Number);
    return json({ songs: ids.filter((id) => id < 4).map((id) => song(id)), total: 3 });
  }
  const one = /^songs\/([123])(\/\w+)?$/.exec(path);
  if (one === null) return json({ error: "there is no such song" }, 404);
  const id = Number(one[1]);
  if (one[2] === "/scores") return new Response(new Float32Array([1, 0.5, 0.25]).buffer);
  if (one[2] === "/similar") {
    const n = Number(url.searchParams.get("n"));
    return json({ song: id, songs: [1, 2, 3].filter((other) => other !== id).slice(0, n).map((other) => song(other)) });
  }
  return json({ song: song(id), tags: [], starred: false });
};

describe("the server's answers", () => {
  it("are asked for on the page's own server, with its token", async () => {
    const { api, asked } = server(() => json({ songs: [], total: 0 }));
    await api.songs({ text: "a b&c", limit: 8 });
    await api.songs({ ids: [3, 1] });
    await api.similar(7, 5);
    await api.plays(50);
    await api.day("2026-11-21", -60);
    await api.orderStars([2, 1]);
    expect(asked).toEqual([
      "GET /api/songs?text=a+b&c&limit=8",
      "GET /api/songs?ids=3,1",
      "GET /api/songs/7/similar?n=5",
      "GET /api/plays?limit=50",
      "GET /api/plays/day?date=2026-11-21&tz_min=-60",
      "PUT /api/stars",
    ]);
    expect(api.exportAddress(null, "csv")).toBe("http://host:1/api/stars/export?format=csv&token=secret");
    expect(api.exportAddress(4, "m3u8")).toBe("http://host:1/api/playlists/4/export?format=m3u8&token=secret");
  });

  it("send what changes something as JSON", async () => {
    const bodies: unknown[] = [];
    const { api } = server((_, init) => {
      bodies.push(init.body === undefined ? null : JSON.parse(String(init.body)));
      return new Response(null, { status: 204 });
    });
    expect(await api.path(1, 2, 5)).toEqual({ kind: "ok", value: undefined });
    await api.addPlaylist("A", [1]);
    await api.star(3);
    expect(bodies).toEqual([{ from: 1, to: 2, length: 5 }, { name: "A", songs: [1] }, null]);
  });

  it.each([
    ["a route that is not there", () => new Response("Not Found", { status: 404 }), "absent", "The server answered 404."],
    ["a song that is gone", () => json({ error: "there is no song 7" }, 404), "absent", "there is no song 7"],
    ["a refusal", () => json({ error: "too many" }, 429), "failed", "too many"],
    ["no JSON", () => new Response("<html>"), "failed", "The server's answer cannot be read."],
    ["no server", () => Promise.reject(new TypeError("x")), "failed", "The server cannot be reached."],
  ] as const)("are values when something is wrong: %s", async (_, handler, kind, why) => {
    expect(await server(handler).api.song(7)).toMatchObject({ kind, why });
  });

  it("bring the map when it is another one", async () => {
    const { api, asked } = server(catalog);
    const answer = await api.map(null);
    expect(answer.kind === "ok" && [...answer.value!.ids]).toEqual([1, 2, 3]);
    expect(await api.map("v1")).toEqual({ kind: "ok", value: null });
    expect(asked).toEqual(["GET /api/map", "GET /api/map.bin?version=v1", "GET /api/map"]);
  });

  it("say when the map cannot be read", async () => {
    const { api } = server((url) => (url.pathname.endsWith("bin") ? new Response("NWM") : json(ABOUT)));
    expect(await api.map(null)).toMatchObject({ kind: "failed", why: expect.stringContaining("too few") });
  });
});

describe("names", () => {
  it("come for many songs at once, one request at a time, and once", async () => {
    const { api, asked } = server(catalog);
    const names = new Names(api);
    names.want([1, 2]);
    names.want([2, 9]);
    expect(names.of(1)).toBeNull();
    await settle();
    expect(names.of(1)).toEqual({ title: "Title 1", artist: "Artist 1", genre: null });
    expect(names.of(9)).toBeNull();
    names.want([1, 2, 9]);
    await settle();
    expect(asked).toEqual(["GET /api/songs?limit=500&ids=1,2,9"]);
  });

  it("are asked for again after a failure", async () => {
    let down = true;
    const { api } = server((url, init) => (down ? json({}, 503) : catalog(url, init)));
    const names = new Names(api);
    names.want([1]);
    await settle();
    down = false;
    names.want([1]);
    await settle();
    expect(names.of(1)?.title).toBe("Title 1");
  });
});

describe("the selected song", () => {
  it("brings its row, its nearest songs and everyone's distance", async () => {
    const explore = createExplore(server(catalog).api);
    await explore.refreshMap();
    explore.select(2);
    await settle();
    expect(explore.detail.value?.song.title).toBe("Title 2");
    expect(explore.nearest.value.map((one) => one.song)).toEqual([1, 3]);
    expect([...explore.scores.value!]).toEqual([1, 0.5, 0.25]);
    expect(explore.flyTo.value).toEqual({ song: 2, tick: 1 });
    explore.count.value = 1;
    await settle();
    expect(explore.nearest.value.map((one) => one.song)).toEqual([1]);
    explore.select(null);
    expect([explore.detail.value, explore.scores.value, explore.nearest.value]).toEqual([null, null, []]);
  });

  it("is the newest, whichever answer comes last", async () => {
    const late: (() => void)[] = [];
    const { api } = server(async (url, init) => {
      if (url.pathname.includes("/1")) await new Promise<void>((resolve) => late.push(resolve));
      return catalog(url, init);
    });
    const explore = createExplore(api);
    explore.select(1);
    explore.select(3);
    await settle();
    late.forEach((go) => go());
    await settle();
    expect(explore.detail.value?.song.song).toBe(3);
  });

  it("says so when it is gone", async () => {
    const explore = createExplore(server(catalog).api);
    explore.select(99);
    await settle();
    expect(explore.trouble.value).toBe("there is no such song");
  });

  it("takes no scores that belong to another map, and asks for that", async () => {
    const { api, asked } = server((url, init) =>
      url.pathname.endsWith("/scores") ? json({ error: "the map is v2 now" }, 409) : catalog(url, init),
    );
    const explore = createExplore(api);
    await explore.refreshMap();
    explore.select(1);
    await settle();
    await settle();
    expect(explore.scores.value).toBeNull();
    expect(asked.filter((one) => one === "GET /api/map")).toHaveLength(2);
  });
});

describe("favourites and playlists", () => {
  const LISTS: Handler = (url, init) => {
    if (init.method === "POST") return json({ id: 5, name: "New", songs: [song(1)] });
    if (url.pathname.endsWith("/stars")) return json({ songs: [song(1), song(2)] });
    return json({ playlists: [{ id: 4, name: "A", songs: [song(2)] }] });
  };

  it("change here at once and on the server after", async () => {
    const { api, asked } = server(LISTS);
    const lists = createLists(api);
    expect(lists.stars.value).toBeNull(); // not known yet
    await lists.refresh();
    const done = lists.star(song(3), true);
    expect([...lists.starred.value]).toEqual([1, 2, 3]);
    await done;
    await lists.orderStars([song(3), song(1)]);
    await lists.add("New", [song(1)]);
    await lists.change({ id: 4, name: "B", songs: [] });
    await lists.remove(4);
    expect(lists.playlists.value?.map((one) => one.name)).toEqual(["New"]);
    expect(asked.slice(2)).toEqual([
      "PUT /api/stars/3",
      "PUT /api/stars",
      "POST /api/playlists",
      "PUT /api/playlists/4",
      "DELETE /api/playlists/4",
    ]);
  });

  it("go back to what the server holds when it refuses", async () => {
    const { api } = server((url, init) => (init.method === "PUT" ? json({ error: "full" }, 413) : LISTS(url, init)));
    const lists = createLists(api);
    await lists.refresh();
    await lists.star(song(3), true);
    expect([...lists.starred.value]).toEqual([1, 2]);
    expect(lists.trouble.value).toBe("full");
  });

  it("reach the server in the order in which they were made", async () => {
    const held: ((answer: Response) => void)[] = [];
    const { api, asked } = server((url, init) =>
      init.method === "PUT" ? new Promise<Response>((answer) => held.push(answer)) : LISTS(url, init),
    );
    const lists = createLists(api);
    await lists.refresh();
    void lists.orderStars([song(2), song(1)]);
    void lists.change({ id: 4, name: "B", songs: [] });
    void lists.change({ id: 4, name: "C", songs: [] });
    let saved = false;
    void lists.saved().then(() => (saved = true));
    await settle();
    expect(asked.slice(2)).toEqual(["PUT /api/stars"]);
    held.shift()!(json({ error: "full" }, 413));
    await settle();
    expect(asked.slice(3)).toEqual(["PUT /api/playlists/4"]); // read again only after the last
    held.shift()!(json({}));
    await settle();
    expect([lists.unsaved.value, saved]).toEqual([1, false]);
    expect(lists.playlists.value?.map((one) => one.name)).toEqual(["C"]);
    held.shift()!(json({}));
    await settle();
    expect([lists.unsaved.value, saved, lists.trouble.value]).toEqual([0, true, "full"]);
    expect(asked.slice(4).toSorted()).toEqual(["GET /api/playlists", "GET /api/stars", "PUT /api/playlists/4"]);
    void lists.star(song(1), false);
    expect(lists.trouble.value).toBeNull();
  });

  it("stay away with a server that keeps none", async () => {
    const lists = createLists(server(() => new Response("Not Found", { status: 404 })).api);
    await lists.refresh();
    expect([lists.stars.value, lists.playlists.value]).toEqual([null, null]);
  });
});
