import { render } from "preact";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Connection } from "../src/connection/link";
import type { From, Heard } from "../src/device/capture";
import { createDevice } from "../src/device/device";
import { createDrop, type Identified } from "../src/device/identify";
import { FRAME } from "../src/device/pcm";
import { DeviceButton } from "../src/views/device";
import { Drop } from "../src/views/drop";
import { PLAYING, song } from "./examples";

/** Effects run after the frame that follows a change. */
const settle = () => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve, 0)));
const find = (id: string) => document.querySelector<HTMLElement>(`[data-testid="${id}"]`);

class FakeSocket {
  static newest: FakeSocket;
  onopen: (() => void) | null = null;
  onclose: ((event: { code: number; reason: string }) => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  sent: unknown[] = [];
  closed = false;
  constructor(readonly address: string) {
    FakeSocket.newest = this;
  }
  send(data: unknown): void {
    this.sent.push(data);
  }
  close(): void {
    this.closed = true;
  }
}

describe("listening with this device", () => {
  let heard: Heard;
  let open: (from: From, heard: Heard) => Promise<{ name: string; rateHz: number; close: () => void }>;
  const closed = vi.fn();
  const daemon = { hush: vi.fn(), resume: vi.fn() };
  const texts: string[] = [];
  const connections: Connection["state"][] = [];
  const make = (secure = true) =>
    createDevice({
      address: "ws://host/listen",
      onText: (text) => texts.push(text),
      onConnection: (connection) => connections.push(connection.state),
      daemon,
      open: (from, given) => open(from, given),
      secure,
    });
  let device = make();
  const show = (made = make()) => {
    device = made;
    render(<DeviceButton device={device} />, document.getElementById("page")!);
  };
  const choose = async (from: From = "microphone") => {
    find("device-button")!.click();
    await settle();
    find(`device-${from}`)!.click();
    await settle();
  };
  const state = () => find("device")!.dataset["state"];

  beforeEach(() => {
    vi.stubGlobal("WebSocket", FakeSocket);
    vi.clearAllMocks();
    texts.length = connections.length = 0;
    open = async (_from, given) => {
      heard = given;
      return { name: "Built-in", rateHz: 48_000, close: closed };
    };
    document.body.innerHTML = '<div id="page"></div>';
  });

  afterEach(() => {
    device.stop();
    render(null, document.getElementById("page")!);
    vi.unstubAllGlobals();
  });

  it("sends sound by credit, and what the server says is the page's", async () => {
    show();
    await choose();
    expect(state()).toBe("listening");
    expect(daemon.hush).toHaveBeenCalledOnce();
    const socket = FakeSocket.newest;
    socket.onopen?.();
    expect(JSON.parse(String(socket.sent[0]))).toMatchObject({ type: "begin", rate_hz: 16_000, name: "Built-in" });
    heard.onSamples(new Float32Array(48_000));
    expect(socket.sent).toHaveLength(1);
    socket.onmessage?.({ data: `{"v":1,"type":"credit","samples":${3 * FRAME}}` });
    expect(socket.sent).toHaveLength(4);
    socket.onmessage?.({ data: '{"v":1,"type":"tags"}' });
    expect(texts).toEqual(['{"v":1,"type":"tags"}']);
    expect(connections).toEqual(["connecting", "live"]);
  });

  it("gives the page back to the daemon when it is stopped, by hand or from outside", async () => {
    show();
    for (const end of [() => find("device-button")!.click(), () => heard.onEnded()]) {
      await choose();
      expect(find("device-button")!.getAttribute("aria-pressed")).toBe("true");
      end();
      await settle();
      expect(state()).toBe("off");
    }
    expect(daemon.resume).toHaveBeenCalledTimes(2);
    expect(closed).toHaveBeenCalledTimes(2);
    expect(FakeSocket.newest.closed).toBe(true);
  });

  it("sends nothing more once it is stopped, though sound was on its way", async () => {
    show();
    await choose();
    const socket = FakeSocket.newest;
    socket.onopen?.();
    socket.onmessage?.({ data: `{"v":1,"type":"credit","samples":${9 * FRAME}}` });
    device.stop();
    heard.onSamples(new Float32Array(48_000));
    expect(socket.sent).toHaveLength(1);
  });

  it("looks for a server that is lost, without letting go of the microphone", async () => {
    show();
    await choose();
    const first = FakeSocket.newest;
    first.onopen?.();
    first.onclose?.({ code: 1006, reason: "" });
    await settle();
    expect(state()).toBe("lost");
    expect(closed).not.toHaveBeenCalled();
    heard.onSamples(new Float32Array(48_000)); // nobody to send it to
    expect(device.retry()).toBe(true);
    FakeSocket.newest.onopen?.();
    await settle();
    expect(FakeSocket.newest).not.toBe(first);
    expect(FakeSocket.newest.sent).toHaveLength(1);
    expect(state()).toBe("listening");
  });

  it("says why the server takes no more, and lets go", async () => {
    show();
    await choose();
    FakeSocket.newest.onclose?.({ code: 1013, reason: "4 devices listen already, no more are taken" });
    await settle();
    expect(state()).toBe("refused");
    expect(find("device-refused")!.textContent).toContain("4 devices listen already");
    expect(closed).toHaveBeenCalledOnce();
    expect(daemon.resume).toHaveBeenCalledOnce();
  });

  it("says what to do when the browser refuses, and stays with the daemon", async () => {
    open = async () => {
      throw new DOMException("denied", "NotAllowedError");
    };
    show();
    await choose();
    expect(state()).toBe("refused");
    expect(find("device-refused")!.textContent).toContain("Allow it for this page");
    expect(daemon.hush).not.toHaveBeenCalled();
  });

  it("names https where the browser lends no microphone", async () => {
    show(make(false));
    await choose();
    expect(find("device-refused")!.textContent).toContain("--tls-cert");
  });

  it("drops a microphone that comes after the user has thought better", async () => {
    let give: (capture: { name: string; rateHz: number; close: () => void }) => void = () => undefined;
    open = () => new Promise((resolve) => (give = resolve));
    show();
    await choose();
    expect(state()).toBe("asking");
    device.stop();
    give({ name: "late", rateHz: 48_000, close: closed });
    await settle();
    expect(closed).toHaveBeenCalledOnce();
    expect(state()).toBe("off");
    expect(daemon.hush).not.toHaveBeenCalled();
  });
});

describe("a file", () => {
  const found: Identified = {
    file: "take.wav",
    duration_s: 10,
    match: { ...PLAYING, position: 62, rate: 1, confidence: 0.99 },
    similar: [song(1), song(2)],
    xyz: [0, 0, 0],
  };
  const opened = vi.fn();
  let answers: (body: BodyInit | null | undefined) => unknown;
  const asked: string[] = [];
  const fetch = (async (address: string, init?: RequestInit) => {
    asked.push(`${init?.method ?? "GET"} ${address}`);
    const said = init?.method === "POST" ? await answers(init.body) : { max_bytes: 1000, max_s: 60 };
    return said instanceof Response ? said : Response.json(said);
  }) as typeof globalThis.fetch;

  const file = (bytes = 10) => new File([new Uint8Array(bytes)], "take & more.wav");
  const drag = (type: string, files: File[]) =>
    Object.assign(new Event(type, { cancelable: true }), { dataTransfer: { types: ["Files"], files } });
  const show = () => {
    render(<Drop drop={createDrop(fetch, "http://host/?token=t")} open={opened} />, document.getElementById("page")!);
  };
  const until = async (state: string) => {
    await vi.waitFor(() => expect(find("identified")?.dataset["state"]).toBe(state));
  };

  beforeEach(async () => {
    asked.length = 0;
    opened.mockClear();
    answers = () => found;
    document.body.innerHTML = '<div id="page"></div>';
    show();
    await settle();
  });

  afterEach(() => render(null, document.getElementById("page")!));

  it("is named, ranked and shown on the map", async () => {
    const over = drag("dragover", []);
    dispatchEvent(over);
    await settle();
    expect(over.defaultPrevented).toBe(true);
    expect(document.querySelector(".drop-here")).not.toBeNull();
    dispatchEvent(drag("drop", [file()]));
    await until("done");
    expect(document.querySelector(".drop-here")).toBeNull();
    expect(asked).toEqual([
      "GET http://host/api/identify?name=take+%26+more.wav&token=t",
      "POST http://host/api/identify?name=take+%26+more.wav&token=t",
    ]);
    expect(find("identified-title")!.textContent).toBe("Title 7");
    expect(find("identified")!.textContent).toContain("from 1:02 on");
    expect(find("identified")!.textContent).toContain("Nothing of the file is kept");
    expect(find("identified-similar")!.querySelectorAll("[data-song]")).toHaveLength(2);
    find("identified-map")!.click();
    expect(opened).toHaveBeenCalledWith(7);
    find("identified-close")!.click();
    await settle();
    expect(find("identified")).toBeNull();
  });

  it("that the catalog lacks leads to what is nearest", async () => {
    answers = () => ({ ...found, match: null });
    dispatchEvent(drag("drop", [file()]));
    await until("done");
    expect(find("identified")!.textContent).toContain("Not in your catalog");
    find("identified-map")!.click();
    expect(opened).toHaveBeenCalledWith(1);
  });

  it("that is too large is not sent", async () => {
    dispatchEvent(drag("drop", [file(2000)]));
    await until("failed");
    expect(asked).toHaveLength(1);
  });

  it.each([
    [Response.json({ error: "take.wav: holds no audio stream" }, { status: 400 }), "holds no audio stream"],
    [new Response("oops", { status: 500 }), "The server answered 500."],
  ])("that cannot be named says why", async (answer, words) => {
    answers = () => answer;
    dispatchEvent(drag("drop", [file()]));
    await until("failed");
    expect(find("identified")!.textContent).toContain(words);
  });

  it("gives way to a newer one", async () => {
    let first = (_: unknown): void => undefined;
    answers = () => new Promise((resolve) => (first = resolve));
    dispatchEvent(drag("drop", [file()]));
    await until("working");
    await vi.waitFor(() => expect(asked).toHaveLength(2));
    answers = () => ({ ...found, file: "second.wav" });
    dispatchEvent(drag("drop", [file()]));
    await until("done");
    first(found);
    await settle();
    expect(find("identified")!.textContent).toContain("second.wav");
  });
});
