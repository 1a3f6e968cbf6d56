import { describe, expect, it } from "vitest";
import { momentName, since, stretches, withNewer } from "../src/explore/evening";
import { dropAt, moved } from "../src/explore/order";
import { decodeLink, EMPTY_LINK, encodeLink, shareable, VIEWS, type Link } from "../src/explore/permalink";
import { candidates, countWithin, scored, surprise, type Scored } from "../src/explore/surprise";
import type { Moment } from "../src/explore/types";
import { shade } from "../src/views/history";
import { draws } from "./draws";

const songs = (...scores: number[]): Scored[] => scores.map((score, song) => ({ song, score }));
const ids = (list: readonly Scored[]): number[] => list.map((one) => one.song);

describe("a link", () => {
  it("leads back to where it was made, whatever that was", () => {
    for (const draw of draws(2000)) {
      const link: Link = {
        view: draw.pick(VIEWS),
        song: draw.maybe(() => draw.whole(0, 2 ** 31 - 1)),
        count: draw.whole(1, 50),
        least: draw.maybe(() => draw.whole(-1000, 1000) / 1000),
        hidden: [...new Set(draw.list(5, () => draw.text(12)))],
        colour: draw.pick(["genre", "tag", "theme"] as const),
        camera: draw.maybe(() => ({ target: draw.point(), position: draw.point() })),
      };
      expect(decodeLink(`#${encodeLink(link)}`)).toEqual(link);
    }
  });

  it("is empty for a page as it begins", () => {
    expect(encodeLink(EMPTY_LINK)).toBe("");
    expect(decodeLink("")).toEqual(EMPTY_LINK);
  });

  it.each([
    "#song=-1&n=51&least=2&colour=red&view=all",
    "#song=1.5&n=0&least=&camera=1,2,3",
    "#song=2147483648&n=x&least=NaN&camera=1,2,3,4,5,6,7",
    "#song=&camera=1,2,,4,5,6&view",
    "#camera=1,2,3,4,5,1e9",
  ])("takes nothing that makes no sense: %s", (hash) => {
    expect(decodeLink(hash)).toEqual(EMPTY_LINK);
  });

  it("never fails on rubbish", () => {
    for (const draw of draws(2000)) {
      const link = decodeLink(`#song=${draw.text(8)}&camera=${draw.text(20)}&${draw.text(30)}`);
      expect(decodeLink(encodeLink(link))).toEqual(link);
    }
  });

  it("for others holds no token", () => {
    const link = { ...EMPTY_LINK, song: 7 };
    expect(shareable("http://host:1/?token=secret&theme=day#old", link)).toBe("http://host:1/?theme=day#song=7");
  });
});

describe("a surprise", () => {
  const five = songs(0.2, 0.9, 0.5, 0.7, -0.1);

  it("comes from within the distance", () => {
    expect(ids(candidates(five, 0.5, "within"))).toEqual([1, 3, 2]);
    expect(candidates(five, 0.95, "within")).toEqual([]);
  });

  it("or from just outside it", () => {
    expect(ids(candidates(five, 0.5, "outside"))).toEqual([0, 4]);
    const many = Array.from({ length: 200 }, (_, at) => ({ song: at, score: 1 - at / 200 }));
    expect(ids(candidates(many, 0.9, "outside"))).toEqual(ids(many).slice(21, 42)); // as many as within
    expect(candidates(many, 0.999, "outside")).toHaveLength(10);
    expect(candidates(many, 0, "outside")).toHaveLength(0);
  });

  it("without a distance takes the 30 nearest, or the next 30", () => {
    const many = Array.from({ length: 100 }, (_, at) => ({ song: at, score: -at / 100 }));
    expect(ids(candidates(many, null, "within"))).toEqual(ids(many).slice(0, 30));
    expect(ids(candidates(many, null, "outside"))).toEqual(ids(many).slice(30, 60));
  });

  it("holds to the distance for all songs and distances", () => {
    for (const draw of draws(500)) {
      const list = songs(...draw.list(40, () => draw.whole(-1000, 1000) / 1000));
      const least = draw.whole(-1000, 1000) / 1000;
      expect(candidates(list, least, "within").every((one) => one.score >= least)).toBe(true);
      expect(candidates(list, least, "outside").every((one) => one.score < least)).toBe(true);
      const found = surprise(list, () => draw.unit());
      expect(list.length === 0 ? found === null : list.some((one) => one.song === found)).toBe(true);
    }
  });

  it("gives each song its chance, and lately drawn ones none", () => {
    expect([0, 0.25, 0.5, 0.99999, 1].map((value) => surprise(five.slice(0, 4), () => value))).toEqual([0, 1, 2, 3, 3]);
    expect([0, 0.5].map((value) => surprise(five.slice(0, 3), () => value, new Set([1])))).toEqual([0, 2]);
    expect(surprise(five.slice(0, 1), () => 0, new Set([0]))).toBe(0); // there is no other
    expect(surprise([], () => 0)).toBeNull();
  });

  it("knows the songs of the map but the selected one", () => {
    const scores = new Float32Array([1, 0.5, 0.25]);
    expect(scored(new Int32Array([7, 8, 9]), scores, 7)).toEqual([
      { song: 8, score: 0.5 },
      { song: 9, score: 0.25 },
    ]);
    expect(countWithin(scores, 0.5)).toBe(2);
  });
});

describe("an order", () => {
  it("moves one song and keeps the others as they were", () => {
    expect(moved(["a", "b", "c", "d"], 0, 2)).toEqual(["b", "c", "a", "d"]);
    expect(moved(["a", "b", "c"], 2, -5)).toEqual(["c", "a", "b"]);
    const list = ["a", "b"];
    expect([moved(list, 1, 1), moved(list, 1, 9), moved(list, 5, 0)]).toEqual([list, list, list]);
    for (const draw of draws(500)) {
      const before = Array.from({ length: draw.whole(1, 9) }, (_, at) => at);
      const from = draw.whole(0, before.length - 1);
      const after = moved(before, from, draw.whole(-2, 11));
      expect(after.filter((one) => one !== from)).toEqual(before.filter((one) => one !== from));
      expect(after).toHaveLength(before.length);
    }
  });

  it("drops a song between the rows whose middles it has passed", () => {
    const middles = [10, 30, 50];
    expect([0, 29, 31, 51, 99].map((y) => dropAt(middles, 0, y))).toEqual([0, 0, 1, 2, 2]);
    expect([0, 11, 49, 51].map((y) => dropAt(middles, 2, y))).toEqual([0, 1, 2, 2]);
  });
});

describe("the evening", () => {
  const moment = (at: number, song: number | null = null, change: Partial<Moment> = {}): Moment => ({
    at,
    xyz: null,
    state: song === null ? "sound" : "identified",
    song,
    title: song === null ? null : `Title ${song}`,
    artist: null,
    similar: [],
    tags: [],
    ...change,
  });

  it("grows by what is new, and takes what comes again once", () => {
    const kept = [moment(10), moment(15), moment(20)];
    expect(withNewer(kept, []).map((one) => one.at)).toEqual([10, 15, 20]);
    expect(withNewer(kept, [moment(20, 7), moment(25)]).map((one) => [one.at, one.song])).toEqual([
      [10, null],
      [15, null],
      [20, 7],
      [25, null],
    ]);
    expect([since([]), since(kept)]).toEqual([0, 20]);
  });

  it("is bounded", () => {
    const day = Array.from({ length: 20_000 }, (_, at) => moment(at * 5));
    expect(withNewer([], day)).toHaveLength(17_280);
    expect(withNewer([], day).at(-1)!.at).toBe(99_995);
  });

  it("joins the moments of a song, over a short gap too", () => {
    const heard = [1, 1, null, 1, null, null, null, null, 1, 2].map((song, at) => moment(at, song));
    expect(stretches(heard).map(({ song, from, to }) => [song, from, to])).toEqual([
      [1, 0, 3],
      [1, 8, 8],
      [2, 9, 9],
    ]);
  });

  it("has a few words for every moment", () => {
    const tags = [
      { tag: "rock", probability: 0.6 },
      { tag: "indie", probability: 0.4 },
      { tag: "pop", probability: 0.3 },
    ];
    expect([
      momentName(moment(0, 1, { artist: "Artist" })),
      momentName(moment(0, 1)),
      momentName(moment(0, null, { state: "silence", tags })),
      momentName(moment(0, null, { tags })),
      momentName(moment(0, null, { state: "unknown" })),
      momentName(moment(0)),
    ]).toEqual(["Title 1 by Artist", "Title 1", "Silence", "rock, indie", "Music not in your catalog", "Sound"]);
  });
});

describe("the day", () => {
  it("shades an hour by how much of it had songs", () => {
    expect([-1, 0, 1, 720, 721, 3600, 9999].map(shade)).toEqual([0, 0, 1, 1, 2, 5, 5]);
  });
});
