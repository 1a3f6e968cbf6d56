import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { sameServer, socketAddress } from "../src/connection/addresses";
import { LONGEST_MS, waitMs } from "../src/connection/backoff";
import { Link, type Connection } from "../src/connection/link";

describe("waitMs", () => {
  it("doubles its ceiling up to ten seconds", () => {
    const ceilings = [0, 1, 2, 3, 4, 5, 50].map((attempt) => waitMs(attempt, () => 1));
    expect(ceilings).toEqual([500, 1000, 2000, 4000, 8000, LONGEST_MS, LONGEST_MS]);
  });

  it("draws from the upper half below the ceiling", () => {
    expect(waitMs(3, () => 0)).toBe(2000);
    expect(waitMs(3, () => 0.5)).toBe(3000);
  });
});

describe("addresses", () => {
  it("follow the page's protocol and carry its token", () => {
    expect(socketAddress("http://host:80/")).toBe("ws://host/ws");
    expect(socketAddress("https://host/?token=a%26b#x")).toBe("wss://host/ws?token=a%26b");
    expect(sameServer("/a/1", "http://host/?token=t")).toBe("http://host/a/1?token=t");
    expect(sameServer("/a/1?f=2", "http://host/")).toBe("http://host/a/1?f=2");
  });

  it("never take the token to another server", () => {
    expect(sameServer("http://other/a/1", "http://host/?token=t")).toBeNull();
    expect(sameServer("http://[", "http://host/")).toBeNull();
  });
});

const CUT = { code: 1006, reason: "" };

class FakeSocket {
  static all: FakeSocket[] = [];
  onopen: (() => void) | null = null;
  onclose: ((event: { code: number; reason: string }) => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  closed = false;
  constructor(readonly address: string) {
    FakeSocket.all.push(this);
  }
  close(): void {
    this.closed = true;
  }
}

describe("Link", () => {
  let changes: Connection[] = [];
  const texts: string[] = [];
  let link: Link;
  const newest = () => FakeSocket.all.at(-1)!;

  beforeEach(() => {
    vi.useFakeTimers();
    vi.stubGlobal("WebSocket", FakeSocket);
    FakeSocket.all = [];
    changes = [];
    link = new Link({
      address: "ws://host/ws",
      onText: (text) => texts.push(text),
      onChange: (change) => changes.push(change),
      now: () => 1000,
      random: () => 1,
    });
    link.open();
  });

  afterEach(() => {
    link.close();
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });

  it("tells of its state and hands texts on", () => {
    newest().onopen?.();
    newest().onmessage?.({ data: "one" });
    newest().onmessage?.({ data: new ArrayBuffer(1) });
    expect(changes.map((change) => change.state)).toEqual(["connecting", "live"]);
    expect(texts).toEqual(["one"]);
  });

  it("waits longer after every loss, and begins anew once live", () => {
    newest().onclose?.(CUT);
    expect(changes.at(-1)).toEqual({ state: "lost", attempt: 1, retryAtMs: 1500 });
    vi.advanceTimersByTime(499);
    expect(FakeSocket.all).toHaveLength(1);
    vi.advanceTimersByTime(1);
    expect(FakeSocket.all).toHaveLength(2);
    newest().onclose?.(CUT);
    expect(changes.at(-1)).toMatchObject({ retryAtMs: 2000 });
    vi.advanceTimersByTime(1000);
    newest().onopen?.();
    newest().onclose?.(CUT);
    expect(changes.at(-1)).toMatchObject({ retryAtMs: 1500 });
  });

  it("opens at once when told to, and then only once", () => {
    newest().onclose?.(CUT);
    link.open();
    vi.advanceTimersByTime(60_000);
    expect(FakeSocket.all).toHaveLength(2);
  });

  it("stays closed when closed", () => {
    const socket = newest();
    link.close();
    expect(socket.closed).toBe(true);
    vi.advanceTimersByTime(60_000);
    expect(FakeSocket.all).toHaveLength(1);
  });
});
