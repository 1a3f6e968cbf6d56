import { computed } from "@preact/signals";
import { render, type ComponentChildren } from "preact";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Api } from "../src/explore/api";
import { CATEGORY_COLOURS } from "../src/explore/palette";
import { createExplore } from "../src/explore/state";
import { categorize } from "../src/map/categories";
import { createStore } from "../src/store/store";
import { theme } from "../src/theme";
import { Legend } from "../src/views/legend";
import { MapView } from "../src/views/map";
import { mapOf } from "./map-fixtures";

const settle = () => new Promise((resolve) => setTimeout(resolve, 0));
const all = (query: string) => [...document.querySelectorAll<HTMLElement>(query)];
const find = (id: string) => document.querySelector<HTMLElement>(`[data-testid="${id}"]`);

const SONGS = [
  { id: 1, place: [0, 0, 0] as const, genre: 0, tag: 0 },
  { id: 2, place: [1, 0, 0] as const, genre: 0, tag: 1 },
  { id: 3, place: [0, 1, 0] as const, genre: 1, tag: 1 },
  { id: 4, place: [0, 0, 1] as const },
];

/** A server that knows one song's name. */
const api = {
  songs: async () => ({ kind: "ok", value: { songs: [{ song: 3, title: "Blue", artist: "Ann", genre: "jazz" }], total: 1 } }),
} as unknown as Api;

describe("map", () => {
  let explore = createExplore(api);
  const show = async (view: ComponentChildren) => {
    render(view, document.getElementById("page")!);
    await settle();
  };

  beforeEach(() => {
    document.body.innerHTML = '<div id="page"></div>';
    explore = createExplore(api);
    explore.map.value = mapOf(SONGS);
    theme.value = "day";
  });
  afterEach(() => {
    render(null, document.getElementById("page")!);
    explore.destroy();
  });

  describe("without WebGL, as here", () => {
    it("says so, and offers nothing that would not work", async () => {
      await show(<MapView store={createStore()} explore={explore} />);
      await vi.waitUntil(() => find("map-missing")); // found out after the first paint
      expect(find("map-missing")!.textContent).toMatch(/no WebGL.*table/s);
      expect(find("map-legend")!.hidden).toBe(false); // it filters the table as well
      expect(document.querySelector<HTMLElement>(".map-frame")!.hidden).toBe(true);
      expect(all("[aria-label=Camera]")).toEqual([]);
    });
  });

  it("names the song under the pointer as soon as its name has come", async () => {
    await show(<MapView store={createStore()} explore={explore} />);
    explore.hovered.value = 3;
    await settle();
    expect(find("map-hover")!.textContent).toBe("…jazz"); // the map itself knows the genre
    explore.names([3]);
    await settle();
    await settle();
    expect(find("map-hover")!.textContent).toBe("BlueAnnjazz");
    expect(find("map-announcement")!.textContent).toBe("Blue by Ann");
    explore.hovered.value = null;
    await settle();
    expect(find("map-hover")!.textContent).toBe("");
  });

  describe("legend", () => {
    const lines = () => all("[data-category]").map((line) => line.textContent!.replace("only", ""));
    const press = async (query: string) => {
      document.querySelector<HTMLElement>(query)!.click();
      await settle();
    };
    const pressed = () => all(".map-line").map((line) => line.getAttribute("aria-pressed"));

    beforeEach(async () => {
      const { map, colourBy } = explore;
      const categories = computed(() => categorize(map.value!, colourBy.value));
      await show(<Legend explore={explore} categories={categories} />);
    });

    it("counts the songs of every category", () => {
      expect(lines()).toEqual(["rock2", "jazz1", "Others1"]);
      expect(all(".map-swatch")[0]!.style.background).toContain(CATEGORY_COLOURS.day[0]!);
    });

    it("filters categories out and back in", async () => {
      await press("[data-category=rock] .map-line");
      expect([...explore.hidden.value]).toEqual(["rock"]);
      expect(pressed()).toEqual(["false", "true", "true"]);
      await press("[data-category=rock] .map-line");
      expect([...explore.hidden.value]).toEqual([]);
      await press("[data-category=jazz] .map-only");
      expect([...explore.hidden.value]).toEqual(["rock", "others"]);
      await press(".map-legend > .quiet");
      expect(pressed()).toEqual(["true", "true", "true"]);
      expect(document.querySelector(".map-legend > .quiet")).toBeNull();
    });

    it("colours by something else, where there is something else", async () => {
      explore.hidden.value = new Set(["rock"]);
      expect(all(".map-by button").map((one) => one.textContent)).toEqual(["Genre", "Tag"]);
      await press(".map-by button:last-child");
      expect(explore.colourBy.value).toBe("tag");
      expect(explore.hidden.value.size).toBe(0);
      await settle();
      expect(lines()).toEqual(["calm2", "loud1", "Others1"]);
      explore.map.value = mapOf([{ id: 1, place: [0, 0, 0], genre: 0 }]);
      explore.colourBy.value = "genre";
      await settle();
      expect(all(".map-by")).toEqual([]);
    });
  });
});
