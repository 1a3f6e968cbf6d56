import { describe, expect, it } from "vitest";
import { Announcer } from "../src/announce";
import { moves } from "../src/flip";
import * as format from "../src/format";
import { toggled } from "../src/theme";
import { headline } from "../src/views/headline";
import { progress } from "../src/progress";
import { level, match, PLAYING, song, SOURCE, status } from "./examples";

describe("format", () => {
  it("writes times", () => {
    expect([0, 7.9, 187, 3725, Number.NaN, -1].map(format.clock)).toEqual(["0:00", "0:07", "3:07", "1:02:05", "0:00", "0:00"]);
    expect([42, 420, 3600, 11_520, 86_400, 439_200].map(format.span)).toEqual(["42 s", "7 min", "1 h", "3 h 12 min", "1 d", "5 d 2 h"]);
    expect([0.84, 9.96, 38.4, 1240].map(format.milliseconds)).toEqual(["0.8 ms", "10 ms", "38 ms", "1.24 s"]);
    expect([0, 0.01, 0.4, 12].map(format.lost)).toEqual(["none", "0.1 s", "0.4 s", "12 s"]);
  });

  it("writes figures", () => {
    expect([-120, -18.4, -0.3, 2].map(format.decibels)).toEqual(["silent", "−18 dB", "0 dB", "2 dB"]);
    expect([0.934, -0.25, -0.001].map(format.score)).toEqual(["0.93", "−0.25", "0.00"]);
    expect([1, 0, 12_034].map((n) => format.count(n, "song"))).toEqual(["1 song", "0 songs", "12,034 songs"]);
    expect(format.percent(0.715)).toBe("72 %");
    expect([1.04, 0.975, 1.007, 1, 0.995].map(format.speed)).toEqual(["+4.0 %", "−2.5 %", "+0.7 %", null, null]);
  });
});

describe("moves", () => {
  it("sends every row back to where it was", () => {
    const before = new Map([["1", 0], ["2", 40], ["3", 80]]); // prettier-ignore
    const after = new Map([["3", 0], ["2", 40], ["4", 80]]); // prettier-ignore
    expect(moves(before, after)).toEqual({ moved: [{ id: "3", fromDy: 80 }], entered: ["4"] });
  });
});

describe("Announcer", () => {
  const one = [song(1)];
  const two = [song(2, { artist: null })];

  it("waits until the ranking has settled", () => {
    const announcer = new Announcer();
    expect(announcer.take(one, 0)).toBeNull();
    expect(announcer.take(two, 2000)).toBeNull();
    expect(announcer.take(two, 4999)).toBeNull();
    expect(announcer.take(two, 5000)).toBe("Most similar: Title 2.");
    expect(announcer.take(two, 60_000)).toBeNull();
  });

  it("leaves time between two announcements, and says nothing of nothing", () => {
    const announcer = new Announcer();
    announcer.take(one, 0);
    expect(announcer.take(one, 3000)).toBe("Most similar: Title 1 by Artist 1.");
    announcer.take(two, 4000);
    expect(announcer.take(two, 22_999)).toBeNull();
    expect(announcer.take(two, 23_000)).toBe("Most similar: Title 2.");
    announcer.take([], 30_000);
    expect(announcer.take([], 90_000)).toBeNull();
  });
});

describe("progress", () => {
  const song = match("identified", { rate: 1.1 });

  it("moves on with the levels, at the song's speed", () => {
    expect(progress(song, null)).toEqual({ positionS: 60, heardS: 6 });
    expect(progress(song, level(9))).toEqual({ positionS: 60, heardS: 6 });
    expect(progress(song, level(20))?.positionS).toBeCloseTo(71);
    expect(progress(song, level(20))?.heardS).toBe(16);
  });

  it("ends with the song, unless its length is not known", () => {
    expect(progress(song, level(500))?.positionS).toBe(200);
    const endless = match("identified", { song: { ...PLAYING, duration_s: 0 } });
    expect(progress(endless, level(500))?.positionS).toBe(550);
  });

  it("is nothing without a song", () => {
    expect(progress(match("unknown"), level(20))).toBeNull();
  });
});

describe("headline", () => {
  const now = { connection: "live", status: status(), heard: "sound", source: SOURCE, match: null, words: ["rock"] } as const;

  it("names the character of the sound", () => {
    expect(headline(now)).toEqual({ lead: "Sounds like", words: ["rock"], detail: null });
    expect(headline({ ...now, words: [] }).words).toEqual(["Sound"]);
    expect(headline({ ...now, heard: "silence" }).words).toEqual(["Silence"]);
  });

  it("says what is known of the song, if the daemon tells", () => {
    const lead = (state: "sound" | "unknown", words = ["rock"]) => headline({ ...now, match: state, words });
    expect(headline({ ...now, match: "silence" }).words).toEqual(["Silence"]);
    expect(lead("sound")).toEqual({ lead: "Sound", words: ["Listening…"], detail: null });
    expect(lead("unknown")).toEqual({ lead: "Not in your catalog. It sounds like", words: ["rock"], detail: null });
    expect(lead("unknown", []).words).toEqual(["Not in your catalog"]);
    expect(headline({ ...now, match: "identified" })).toEqual({ lead: "Now playing", words: [], detail: null });
  });

  it("leaves the song to be seen when it is lost from sight", () => {
    const song = { ...now, match: "identified" } as const;
    expect(headline({ ...song, connection: "lost" })).toMatchObject({ lead: "No word from the daemon", words: [] });
    expect(headline({ ...song, status: status({ state: "lost" }) })).toMatchObject({ lead: "The sound is gone", words: [] });
    expect(headline({ ...song, status: status({ state: "ended" }) }).words).toEqual(["Nothing more to hear"]);
  });

  it("puts trouble first", () => {
    const lost = status({ state: "lost", detail: "unplugged" });
    expect(headline({ ...now, status: lost })).toEqual({ lead: "The sound is gone", words: ["Line in"], detail: "unplugged" });
    expect(headline({ ...now, status: lost, connection: "lost" }).lead).toBe("Out of reach");
    expect(headline({ ...now, status: status({ state: "ended" }) }).lead).toBe("The end");
    expect(headline({ ...now, status: status({ state: "starting" }) }).words).toEqual(["Opening the microphone"]);
    expect(headline({ ...now, source: null }).words).toEqual(["Finding the daemon"]);
  });
});

describe("toggled", () => {
  it("remembers a choice only against the system's", () => {
    expect(toggled("day", "day")).toEqual({ next: "night", remember: true });
    expect(toggled("night", "day")).toEqual({ next: "day", remember: false });
  });
});
