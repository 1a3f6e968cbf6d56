import { render } from "preact";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createApp, type App } from "../src/app";
import { enter, keepToken } from "../src/entering";
import { createApi } from "../src/explore/api";
import { createCompat, listFormat } from "../src/explore/compat";
import { OTHERS } from "../src/explore/palette";
import { categorize, chosenBy } from "../src/map/categories";
import { Player } from "../src/player/player";
import type { Job } from "../src/protocol/types";
import { createStore } from "../src/store/store";
import { Compat } from "../src/views/compat";
import { ForYou } from "../src/views/for-you";
import { JobsButton, state } from "../src/views/jobs";
import { Saved } from "../src/views/saved";
import { side, Themes } from "../src/views/themes";
import { song } from "./examples";
import { ABOUT, mapOf } from "./map-fixtures";

const find = (id: string) => document.querySelector<HTMLElement>(`[data-testid="${id}"]`)!;
const all = (query: string) => [...document.querySelectorAll<HTMLElement>(query)];
const settle = () => new Promise((resolve) => setTimeout(resolve, 0));
const forSomebody = (id: number, taste: number | null) => ({ ...song(id), content: 0.8, taste });

function job(change: Partial<Job> = {}): Job {
  return { job: 1, name: "map build", state: "running", progress: 0.42, message: null, ...change };
}

/** A page over a server that answers each path with what stands under it, and notes what it is asked. */
function appOver(answers: Record<string, unknown>, asked: string[] = []): App {
  const fetch = async (address: RequestInfo | URL, init?: RequestInit): Promise<Response> => {
    const url = new URL(String(address));
    const path = `${init?.method ?? "GET"} ${url.pathname.replace("/api/", "")}`;
    asked.push(`${path}${url.search}${typeof init?.body === "string" ? ` ${init.body}` : ""}`);
    return path in answers ? Response.json(answers[path]) : Response.json({ error: "none" }, { status: 404 });
  };
  const audio = Object.assign(new EventTarget(), { pause: () => undefined, play: async () => undefined });
  const player = new Player("http://host/", audio as unknown as HTMLAudioElement);
  return createApp(createStore(), player, "http://host/", fetch);
}

function hearJobs(app: App, ...jobs: Job[]): void {
  app.store.hear(JSON.stringify({ v: 1, type: "jobs", jobs }));
}

beforeEach(() => {
  document.body.innerHTML = '<div id="page"></div>';
});
afterEach(() => render(null, document.getElementById("page")!));

const show = async (view: preact.ComponentChildren) => {
  render(view, document.getElementById("page")!);
  await settle();
};

describe("songs for you", () => {
  const found = { blend: 0.5, from: { stars: 2, plays: 1 }, model: "own", songs: [forSomebody(1, 0.3), forSomebody(2, null)] };

  it("are asked for with the blend of the slider, and say by what they are near", async () => {
    const asked: string[] = [];
    const app = appOver({ "GET foryou": found }, asked);
    await show(<ForYou app={app} />);
    await vi.waitFor(() => expect(all("[data-song]")).toHaveLength(2));
    expect(asked[0]).toBe("GET foryou?blend=0.5&n=30");
    expect(find("foryou").textContent).toContain("from 2 stars and 1 played song");
    const parts = all("[data-song] .parts").map((one) => one.textContent.replace(/\s+/g, " ").trim());
    expect(parts).toEqual(["sound 0.80taste 0.30", "sound 0.80"]);
    const slider = find("blend") as HTMLInputElement;
    slider.value = "1";
    slider.dispatchEvent(new Event("input", { bubbles: true }));
    await vi.waitFor(() => expect(asked.at(-1)).toBe("GET foryou?blend=1&n=30"));
    expect(slider.getAttribute("aria-valuetext")).toBe("100 % by taste");
  });

  it("are by sound alone as long as nothing was learned, which can be begun here", async () => {
    const asked: string[] = [];
    const app = appOver({ "GET foryou": { ...found, model: null }, "POST jobs": { job: 3 } }, asked);
    await show(<ForYou app={app} />);
    await vi.waitFor(() => expect(find("foryou-by-sound")).not.toBeNull());
    expect((find("blend") as HTMLInputElement).disabled).toBe(true);
    find("begin-job").click();
    await settle();
    expect(asked.at(-1)).toBe('POST jobs {"command":"taste fit --data own"}');
    const before = asked.length;
    hearJobs(app, job({ name: "taste fit", progress: 0.5 }));
    await settle();
    expect(find("begin-job").textContent).toBe("Learning from what was played: 50 %");
    hearJobs(app, job({ name: "taste fit", state: "done", progress: 1 }));
    await vi.waitFor(() => expect(asked.slice(before)).toEqual(["GET foryou?blend=0.5&n=30"]));
  });

  it("say what to do when there is nothing to go by", async () => {
    await show(<ForYou app={appOver({ "GET foryou": { ...found, from: { stars: 0, plays: 0 }, songs: [] } })} />);
    await vi.waitFor(() => expect(find("foryou-empty").textContent).toContain("Star some songs"));
  });
});

describe("themes", () => {
  const theme = (number: number, name: string) => ({
    theme: number,
    name,
    songs: 12,
    profile: [{ name: "energy", value: 0.9, mean: 0.5, score: 1 }, { name: "tempo", value: 90, mean: 120, score: -3 }],
    tags: [{ name: "metal", value: 0.5, mean: 0.1, score: 2 }],
    typical: [song(4), song(5)],
    tracks: [{ dataset: "fma", key: "2", title: "Food", artist: "AWOL" }],
  });
  const map = () => mapOf([{ id: 4, place: [0, 0, 0], theme: 0 }, { id: 6, place: [1, 0, 0], theme: 1 }], { ...ABOUT, themes: ["loud", "calm"] });

  it("show what marks them, play, and lead to their songs on the map", async () => {
    const app = appOver({ "GET themes": { themes: [theme(0, "loud"), theme(1, "calm")] } });
    app.explore.map.value = map();
    await show(<Themes app={app} />);
    await vi.waitFor(() => expect(all("[data-testid=theme-card]")).toHaveLength(2));
    expect(all(".profile")[0]!.textContent).toBe("energy+1.00tempo−3.00");
    expect(find("theme-track").textContent).toBe("FoodAWOL · of fma, not in the catalog");
    find("theme-play").click();
    expect(app.player.now.value?.song.song).toBe(4);
    expect(app.player.queue.value).toHaveLength(1);
    find("theme-on-map").click();
    expect([app.view.value, app.explore.colourBy.value, [...app.explore.hidden.value]]).toEqual(["map", "theme", ["calm"]]);
    find("themes-on-map").click();
    expect(app.explore.hidden.value.size).toBe(0);
  });

  it("can be looked for when there are none", async () => {
    const asked: string[] = [];
    await show(<Themes app={appOver({ "GET themes": { themes: [] }, "POST jobs": { job: 1 } }, asked)} />);
    await vi.waitFor(() => expect(find("no-themes")).not.toBeNull());
    find("begin-job").click();
    await settle();
    expect(asked.at(-1)).toBe('POST jobs {"command":"themes build"}');
  });

  it.each([
    [0, "50.0%", "0.0%"],
    [1, "50.0%", "25.0%"],
    [-2, "0.0%", "50.0%"],
    [-9, "0.0%", "50.0%"],
  ])("draw %s deviations from the middle", (score, left, width) => {
    expect(side(score)).toEqual({ left, width });
  });
});

describe("two lists", () => {
  const found = {
    score: 0.61,
    percentile: 0.9,
    model: null,
    a: { name: "Favourites", songs: 2, not_found: [] },
    b: { name: "b.csv", songs: 1, not_found: ["Nobody - Nowhere"] },
    shared: [song(1)],
    for_a: [forSomebody(3, null)],
    for_b: [],
  };

  it("are compared once both are there, and say what each would like", async () => {
    const asked: string[] = [];
    const app = appOver({ "POST compat": found }, asked);
    app.lists.stars.value = [song(1), song(2)];
    await show(<Compat app={app} />);
    const select = find("side-a") as HTMLSelectElement;
    select.value = "stars";
    select.dispatchEvent(new Event("change", { bubbles: true }));
    await settle();
    expect(asked).toEqual([]);
    await app.compat.take(new File(["artist,title\n"], "b.csv"));
    await settle();
    expect(JSON.parse(asked[0]!.replace("POST compat ", ""))).toEqual({
      a: { name: "Favourites", songs: [1, 2] },
      b: { name: "b.csv", text: "artist,title\n", format: "csv" },
    });
    expect(find("verdict").textContent).toMatch(/^61 of 100, where 50 is chance: closer than 90 % of pairs/);
    expect((find("side-b") as HTMLSelectElement).selectedOptions[0]?.textContent).toBe("b.csv");
    expect(find("for-a").textContent).toContain("From b.csv, for Favourites");
    expect(find("for-b").textContent).toContain("Nobody - Nowhere");
  });

  it("show the answer to what was chosen last, whichever comes first", async () => {
    const waiting: ((answer: Response) => void)[] = [];
    const compat = createCompat(createApi(() => new Promise((resolve) => waiting.push(resolve)), "http://host/"));
    const list = (name: string) => ({ key: name, list: { name, songs: [1] } });
    void compat.put("a", list("one"));
    void compat.put("b", list("two"));
    void compat.put("b", list("three"));
    expect([waiting.length, compat.busy.value]).toEqual([2, true]);
    waiting[1]!(Response.json({ ...found, score: 0.2 }));
    waiting[0]!(Response.json({ ...found, score: 0.9 }));
    await settle();
    expect([compat.found.value?.score, compat.busy.value]).toEqual([0.2, false]);
  });

  it("are refused with a reason", async () => {
    const app = appOver({});
    await show(<Compat app={app} />);
    await app.compat.take(new File(["x"], "song.mp3"));
    await settle();
    expect(find("compat-trouble").textContent).toBe("song.mp3 is no list; expected M3U, CSV or JSON.");
    await app.compat.take(new File(["x".repeat(900_001)], "a.csv"));
    expect(app.compat.trouble.value).toContain("too long");
  });

  it.each([["a.M3U", "m3u8"], ["a.b.m3u8", "m3u8"], ["x.csv", "csv"], ["x.json", "json"], ["x.mp3", null], ["csv", null], ["", null]])(
    "are known by their names: %s",
    (name, format) => expect(listFormat(name)).toBe(format),
  );
});

describe("long commands", () => {
  it("are away until there is one, tell how far it is, and can be cancelled", async () => {
    const asked: string[] = [];
    const app = appOver({ "DELETE jobs/1": {} }, asked);
    hearJobs(app, job({ state: "done" })); // of a day before
    await show(<JobsButton app={app} />);
    expect(find("jobs")).toBeNull();
    hearJobs(app, job(), job({ job: 2, name: "import fma", state: "queued", progress: null }));
    await settle();
    expect(find("jobs-button").textContent).toBe("Drawing the map 42 %");
    find("jobs-button").click();
    await settle();
    expect(all("[data-job]").map((one) => one.textContent)).toEqual(["import fmawaits", "Drawing the map42 %"]);
    expect(document.querySelector("[role=progressbar]")!.getAttribute("aria-valuenow")).toBe("42");
    all("[data-testid=cancel-job]")[1]!.click();
    await settle();
    expect(asked).toEqual(["DELETE jobs/1"]);
    hearJobs(app, job({ state: "failed", message: "no songs" }), job({ job: 2, state: "cancelled" }));
    await settle();
    expect(all("[data-job=\"1\"] .failed")[0]!.textContent).toBe("no songs");
    expect(app.jobs.ended.value).toBe(2);
  });

  it.each([
    [{}, "42 %"],
    [{ progress: null }, "runs"],
    [{ state: "queued" }, "waits"],
    [{ state: "failed" }, "failed"],
  ] as const)("say how far they are: %o", (change, words) => {
    expect(state(job(change))).toBe(words);
  });
});

describe("the legend's filter", () => {
  const categories = categorize(
    mapOf([{ id: 1, place: [0, 0, 0], genre: 0 }, { id: 2, place: [0, 0, 0], genre: 1 }, { id: 3, place: [0, 0, 0] }]),
    "genre",
  );
  const [first, second] = categories.legend.map((line) => line.key) as [string, string];

  it.each([
    [[], null],
    [["of another map"], null],
    [[first], { by: "genre", without: [first] }],
    [[OTHERS], { by: "genre", only: [first, second] }],
    [[OTHERS, second], { by: "genre", only: [first] }],
    [[OTHERS, first, second], { by: "genre", only: [""] }],
  ])("asks the server for what it leaves: %o", (hidden, query) => {
    expect(chosenBy(categories, "genre", new Set(hidden))?.query ?? null).toEqual(query);
  });
});

describe("an export", () => {
  it("waits until the server holds what is seen", async () => {
    const app = appOver({ "PUT stars": {} });
    app.lists.stars.value = [song(1), song(2)];
    await show(<Saved app={app} />);
    const followed: boolean[] = [];
    document.getElementById("page")!.addEventListener("click", (event) => {
      followed.push(!event.defaultPrevented);
      event.preventDefault();
    });
    const saving = app.lists.orderStars([song(2), song(1)]);
    find("export-csv").click();
    expect(followed).toEqual([false]);
    await saving;
    await settle();
    expect(followed).toEqual([false, true]);
    find("export-csv").click();
    expect(followed).toEqual([false, true, true]);
  });
});

describe("a song that has left the catalog", () => {
  it("is said to be gone where it is kept, and is not played", async () => {
    const app = appOver({});
    app.lists.stars.value = [{ ...song(1), gone: true }, song(2)];
    await show(<Saved app={app} />);
    expect(find("gone").textContent).toBe("Title 1Artist 1 · no longer in the catalog");
    expect(all("[data-testid=play]")).toHaveLength(1);
    expect(all("[data-testid=star]")).toHaveLength(2); // it can be let go
    all("button").find((one) => one.textContent === "Play all")!.click();
    expect([app.player.now.value?.song.song, app.player.queue.value.length]).toEqual([2, 0]);
  });
});

describe("the way in", () => {
  afterEach(() => history.replaceState(null, "", "/"));

  it.each([
    ["/compat", "/#view=compat"],
    ["/radio/compat?token=t", "/radio/?token=t#view=compat"],
    ["/compat#view=map", "/#view=map"],
    ["/?token=t#view=songs", "/?token=t#view=songs"],
  ])("%s leads to %s", (from, to) => {
    history.replaceState(null, "", from);
    enter();
    expect(location.pathname + location.search + location.hash).toBe(to);
  });

  it("asks for the manifest with the token, for the installed app begins where that says", () => {
    document.head.innerHTML = '<link rel="manifest" href="./manifest.webmanifest">';
    const link = document.querySelector("link")!;
    const origin = location.origin;
    keepToken();
    expect(link.getAttribute("href")).toBe("./manifest.webmanifest");
    history.replaceState(null, "", "/?token=a%20b&theme=day#song=3");
    keepToken();
    expect(link.href).toBe(`${origin}/manifest.webmanifest?token=a+b`);
  });
});
