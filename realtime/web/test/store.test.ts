import { afterEach, describe, expect, it, vi } from "vitest";
import { read } from "../src/protocol/read";
import { characterWords } from "../src/store/character";
import { createStore } from "../src/store/store";
import { accept, NOTHING } from "../src/store/topics";
import { HELLO, level, match, similar, status, tags } from "./examples";

describe("accept", () => {
  it("replaces its own topic and no other", () => {
    const first = accept(accept(NOTHING, status()), level(1));
    const second = accept(first, level(2));
    expect(second.level?.at_s).toBe(2);
    expect(second.status).toBe(first.status);
  });

  it("forgets everything when a new connection begins", () => {
    const before = accept(accept(NOTHING, similar(1)), tags({ rock: 1 }));
    expect(accept(before, HELLO)).toEqual({ ...NOTHING, hello: HELLO });
  });
});

describe("read", () => {
  const text = (value: unknown) => JSON.stringify(value);

  it("takes every message of the protocol", () => {
    for (const message of [HELLO, status(), level(0), match("unknown"), match("identified"), similar(1, 2), tags({ rock: 0.5 })]) {
      expect(read(text(message))).toEqual({ kind: "message", message });
    }
  });

  it("lets unknown fields through", () => {
    expect(read(text({ ...level(0), more: 1 })).kind).toBe("message");
  });

  it.each([
    [{ ...level(0), v: 2 }, "protocol version 2, expected 1"],
    [{ v: 1, type: "theme" }, "unknown message type theme"],
    [{ v: 1, type: "toString" }, "unknown message type toString"],
  ])("knows a newer protocol: %#", (value, why) => {
    expect(read(text(value))).toEqual({ kind: "newer", why });
  });

  it.each([
    ["{", "not JSON"],
    ["null", "not an object"],
    [text({ ...level(0), bands: [1] }), "level: bands: 1 items"],
    [text({ ...level(0), state: "noise" }), 'level: state: "noise" is not expected'],
    [text({ ...level(0), rms_dbfs: null }), "level: rms_dbfs: null is no number"],
    [text({ v: 1, type: "similar", at_s: 0, songs: [{}], latency_ms: 1 }), "similar: songs: [0] song is missing"],
  ])("refuses what does not fit: %#", (value, why) => {
    expect(read(value)).toEqual({ kind: "broken", why });
  });
});

describe("store", () => {
  afterEach(() => {
    vi.restoreAllMocks();
  });

  it("ignores what it cannot read, says so once, and notes a newer server", () => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => undefined);
    const store = createStore();
    store.hear('{"v":2,"type":"level"}');
    store.hear('{"v":2,"type":"level"}');
    expect(store.newerProtocol.value).toBe(true);
    expect(store.level.value).toBeNull();
    expect(warn).toHaveBeenCalledTimes(1);
  });

  it("takes source and catalog from the newest that told of them", () => {
    const store = createStore();
    store.hear(JSON.stringify(HELLO));
    expect(store.catalog.value?.songs).toBe(3);
    store.hear(JSON.stringify(status({ catalog: { songs: 0, generation: null } })));
    expect(store.catalog.value?.songs).toBe(0);
  });

  it("is stale unless the daemon is reached and hears", () => {
    const store = createStore();
    expect(store.stale.value).toBe(true);
    store.connection.value = { state: "live" };
    expect(store.stale.value).toBe(false);
    store.hear(JSON.stringify(status({ state: "lost", detail: "gone" })));
    expect(store.stale.value).toBe(true);
  });
});

describe("characterWords", () => {
  const after = (before: string[], scores: Record<string, number>) =>
    characterWords(before, tags(scores).tags);

  it("takes the likeliest three that are likely enough", () => {
    expect(after([], { pop: 0.3, rock: 0.9, jazz: 0.26, folk: 0.25, sad: 0.1 })).toEqual(["rock", "pop", "jazz"]);
  });

  it("keeps a word in its place until it grows weak", () => {
    expect(after(["pop", "rock"], { rock: 0.9, pop: 0.16 })).toEqual(["pop", "rock"]);
    expect(after(["pop", "rock"], { rock: 0.9, pop: 0.14, jazz: 0.4 })).toEqual(["rock", "jazz"]);
    expect(after(["pop"], {})).toEqual([]);
  });

  it("returns the very same words when nothing changed", () => {
    const before = ["rock"];
    expect(after(before, { rock: 0.5 })).toBe(before);
  });
});
