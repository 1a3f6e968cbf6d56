import { render } from "preact";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createApp } from "../src/app";
import { Player } from "../src/player/player";
import { createStore } from "../src/store/store";
import { Page } from "../src/views/page";
import { HELLO, level, match, PLAYING, similar, song, status, tags } from "./examples";

/** An audio element without sound: happy-dom's plays nothing. */
class FakeAudio extends EventTarget {
  src = "";
  preload = "";
  currentTime = 0;
  duration = Number.NaN;
  play = vi.fn(async () => undefined);
  pause = vi.fn(() => this.dispatchEvent(new Event("pause")));
  removeAttribute = vi.fn();
}

const settle = () => new Promise((resolve) => setTimeout(resolve, 0));
const find = (id: string) => document.querySelector<HTMLElement>(`[data-testid="${id}"]`)!;
const order = () => [...document.querySelectorAll<HTMLElement>("[data-song]")].map((row) => row.dataset["song"]);

describe("page", () => {
  let store = createStore();
  let audio = new FakeAudio();
  let player: Player;
  const retry = vi.fn();
  const hear = async (...messages: object[]) => {
    for (const message of messages) store.hear(JSON.stringify(message));
    await settle();
  };

  beforeEach(async () => {
    // Less motion: happy-dom reports every cancelled animation as an unhandled rejection.
    vi.stubGlobal("matchMedia", () => Object.assign(new EventTarget(), { matches: true }));
    store = createStore();
    audio = new FakeAudio();
    player = new Player("http://host/?token=t", audio as unknown as HTMLAudioElement);
    document.body.innerHTML = '<div id="page"></div>';
    const app = createApp(store, player, "http://host/?token=t", async () => new Response("", { status: 404 }));
    render(<Page app={app} retry={retry} />, document.getElementById("page")!);
    store.connection.value = { state: "live" };
    await settle();
  });

  afterEach(() => {
    render(null, document.getElementById("page")!);
    vi.unstubAllGlobals();
  });

  it("keeps a song's row when the order changes", async () => {
    await hear(HELLO, similar(1, 2, 3));
    const row = document.querySelector('[data-song="3"]');
    await hear(similar(3, 1, 4));
    expect(order()).toEqual(["3", "1", "4"]);
    expect(document.querySelector('[data-song="3"]')).toBe(row);
  });

  it("shows level, tags and source", async () => {
    await hear(HELLO, status(), level(1), tags({ rock: 0.71 }));
    expect(find("level").getAttribute("aria-valuetext")).toBe("−20 dB");
    expect(find("tags").textContent).toContain("71 %");
    expect(find("source").textContent).toContain("Line in");
    expect(find("connection").dataset["state"]).toBe("live");
  });

  it("shows the song that plays, moving on with the sound", async () => {
    await hear(HELLO, status(), level(10), match("identified"), similar(1));
    expect(find("match").dataset["state"]).toBe("identified");
    expect(find("match-state").textContent).toBe("Now playing");
    expect(find("match-title").textContent).toBe("Title 7");
    expect(find("match").textContent).toContain("Artist 7");
    expect(find("match").textContent).toContain("Album 7");
    expect(find("match-position").textContent).toBe("1:00 of 3:20");
    expect(find("match-since").textContent).toBe("heard for 6 s");
    expect(find("match-speed")).toBeNull();
    expect(order()).toEqual(["1"]); // similar songs go on beside it
    await hear(level(30.4));
    expect(find("match-position").textContent).toBe("1:20 of 3:20");
    expect(find("match-position").querySelector<HTMLElement>(".bar > span")!.style.transform).toBe("scaleX(0.4000)");
  });

  it("shows at which speed a song is played when not at its own", async () => {
    await hear(HELLO, status(), level(10), match("identified", { rate: 0.96 }));
    expect(find("match-speed").textContent).toBe("speed −4.0 %");
    await hear(match("identified", { rate: 0.96, since_s: 6 })); // measured along 4 s only
    expect(find("match-speed")).toBeNull();
  });

  it("keeps the song when the connection is lost, standing still", async () => {
    await hear(HELLO, status(), level(12), match("identified"));
    store.connection.value = { state: "lost", attempt: 1, retryAtMs: 0 };
    await settle();
    expect(find("match-title").textContent).toBe("Title 7");
    expect(find("match-position").dataset["seconds"]).toBe("62");
    expect(find("match-state").textContent).toBe("No word from the daemon");
    expect(document.querySelector("main")!.dataset["stale"]).toBe("true");
  });

  it.each([
    ["silence", "Now hearingSilence"],
    ["sound", "SoundListening…"],
    ["unknown", "Now hearingNot in your catalog"],
  ] as const)("says when no song is known: %s", async (state, text) => {
    await hear(HELLO, status(), level(10), match("identified"), match(state));
    expect(find("match").dataset["state"]).toBe(state);
    expect(find("match-state").textContent.replace(/ /g, "")).toBe(text.replace(/ /g, ""));
    expect(find("match-title")).toBeNull();
  });

  it("tells a screen reader of another song, and of nothing between", async () => {
    await hear(HELLO, status(), level(10));
    const region = find("match-announcement");
    expect([region.getAttribute("aria-live"), region.textContent]).toEqual(["polite", ""]);
    const told: string[] = [];
    new MutationObserver(() => told.push(region.textContent)).observe(region, { childList: true, characterData: true, subtree: true });
    await hear(match("identified"));
    for (const atS of [11, 12, 13]) await hear(level(atS), match("identified", { at_s: atS, position_s: 50 + atS }));
    await hear(match("unknown"), match("identified", { at_s: 20, since_s: 18 }));
    await hear(match("identified", { song: { ...PLAYING, song: 8, title: "Title 8", artist: null } }));
    expect(told).toEqual(["Recognized: Title 7 by Artist 7.", "Recognized: Title 8."]);
  });

  it("has no place for songs with a daemon that names none", async () => {
    await hear(HELLO, status(), level(1), tags({ rock: 0.71 }));
    expect(find("match")).toBeNull();
    expect(find("match-state").textContent).toContain("Sounds like");
  });

  it("says what to do about an empty catalog", async () => {
    await hear(HELLO, status({ catalog: { songs: 0, generation: null } }));
    expect(find("empty-catalog").textContent).toContain("nowhear add PATH");
  });

  it("counts down to the next attempt, and tries at once when asked", async () => {
    store.connection.value = { state: "lost", attempt: 3, retryAtMs: performance.now() + 3900 };
    await settle();
    expect(find("connection").textContent).toContain("reconnecting in 4 s");
    find("retry").click();
    expect(retry).toHaveBeenCalledOnce();
  });

  it("plays one song at a time, from its address with the token", async () => {
    await hear(HELLO, similar(1, 2));
    document.querySelectorAll<HTMLElement>('[data-testid="play"]')[1]!.click();
    await settle();
    expect(audio.src).toBe("http://host/api/songs/2/audio?token=t");
    expect(find("player").textContent).toContain("Title 2");
    audio.dispatchEvent(new Event("playing"));
    await settle();
    expect(document.querySelector<HTMLElement>('[data-song="2"]')!.dataset["phase"]).toBe("playing");
    find("stop").click();
    await settle();
    expect(find("player").hidden).toBe(true);
  });

  it("says so when a song cannot be played", async () => {
    await hear(HELLO, similar(1));
    audio.play.mockRejectedValueOnce(new DOMException("no", "NotSupportedError"));
    find("play").click();
    await settle();
    expect(find("player").textContent).toContain("cannot be played");
    player.toggle(song(9, { audio: "http://elsewhere/9" }));
    expect(player.now.value?.phase).toBe("failed");
  });
});
