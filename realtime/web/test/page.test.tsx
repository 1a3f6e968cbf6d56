import { render } from "preact";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Player } from "../src/player/player";
import { createStore } from "../src/store/store";
import { Page } from "../src/views/page";
import { HELLO, level, similar, song, status, tags } from "./examples";

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
    render(<Page store={store} player={player} retry={retry} />, document.getElementById("page")!);
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
