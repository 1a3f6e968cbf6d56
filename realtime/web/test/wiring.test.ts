import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createApp, type App } from "../src/app";
import { decodeLink } from "../src/explore/permalink";
import { follow, keepAddress, linkOf, wire } from "../src/explore/wiring";
import { wide } from "../src/layout";
import { Player } from "../src/player/player";
import { createStore } from "../src/store/store";
import { HELLO, song, status } from "./examples";

const settle = () => new Promise((resolve) => setTimeout(resolve, 0));
const json = (body: unknown) => new Response(JSON.stringify(body));

describe("the parts of the page", () => {
  let app: App;
  let asked: string[];
  let unwire: () => void;
  const hear = (...messages: object[]) => messages.forEach((one) => app.store.hear(JSON.stringify(one)));

  beforeEach(() => {
    asked = [];
    const audio = Object.assign(new EventTarget(), { play: async () => undefined, pause: () => undefined });
    const player = new Player("http://host/", audio as unknown as HTMLAudioElement);
    const fetch = async (address: RequestInfo | URL) => {
      const path = new URL(String(address)).pathname;
      asked.push(path);
      const id = /^\/api\/songs\/(\d+)$/.exec(path)?.[1];
      if (id !== undefined) return json({ song: song(Number(id)), tags: [], starred: false });
      if (path === "/api/stars") return json({ songs: [song(5)] });
      if (path === "/api/evening") return json({ every_s: 5, moments: [] });
      return new Response("Not Found", { status: 404 });
    };
    app = createApp(createStore(), player, "http://host/", fetch as typeof globalThis.fetch);
    unwire = wire(app);
  });

  afterEach(() => {
    unwire();
    wide.value = true;
    history.replaceState(null, "", location.pathname);
    vi.useRealTimers();
  });

  it("ask for lists, evening and map once the daemon is reached, and for the map when songs change", async () => {
    hear(HELLO, status());
    expect(asked).toEqual([]);
    app.store.connection.value = { state: "live" };
    await settle();
    expect(asked.toSorted()).toEqual(["/api/evening", "/api/map", "/api/playlists", "/api/stars"]);
    expect([...app.explore.starred.value]).toEqual([5]);
    hear(status({ heard_s: 2 }), status({ heard_s: 3 }));
    await settle();
    expect(asked).toHaveLength(4);
    hear(status({ catalog: { songs: 4, generation: 2 } }));
    await settle();
    expect(asked.slice(4)).toEqual(["/api/map"]);
    expect(app.explore.mapTrouble.value).not.toBeNull(); // there is none, and the page says so
  });

  it("play a song that is selected by hand, and none that a link selects", async () => {
    follow(app, decodeLink("#song=3"));
    await settle();
    expect(app.explore.detail.value?.song.song).toBe(3);
    expect(app.player.now.value).toBeNull();
    app.open(4);
    await settle();
    expect(app.player.now.value?.song.song).toBe(4);
  });

  it("show a selected song in the place of other views only where there is no room beside them", () => {
    app.view.value = "songs";
    app.open(1);
    expect(app.view.value).toBe("songs");
    wide.value = false;
    app.open(2);
    expect(app.view.value).toBe("map");
  });

  it("keep the address at what is seen, and follow it", async () => {
    history.replaceState(null, "", "?token=t#view=songs&song=3&least=0.5&hide=Rock&colour=tag&camera=1,2,3,4,5,6");
    vi.useFakeTimers();
    const stop = keepAddress(app);
    expect(linkOf(app)).toEqual({
      view: "songs",
      song: 3,
      count: 3,
      least: 0.5,
      hidden: ["Rock"],
      colour: "tag",
      camera: { target: [1, 2, 3], position: [4, 5, 6] },
    });
    expect(app.explore.flyTo.value).toBeNull(); // the link says where the camera stands
    app.explore.hidden.value = new Set();
    app.explore.camera.value = null;
    app.explore.colourBy.value = "genre";
    app.explore.count.value = 12;
    vi.advanceTimersByTime(1000);
    expect(location.search + location.hash).toBe("?token=t#view=songs&song=3&n=12&least=0.5");
    history.replaceState(null, "", "?token=t#song=4");
    dispatchEvent(new Event("hashchange"));
    expect([app.explore.selected.value, app.view.value, app.explore.leastScore.value]).toEqual([4, "now", null]);
    stop();
  });
});
