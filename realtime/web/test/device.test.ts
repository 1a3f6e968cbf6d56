import { describe, expect, it } from "vitest";
import { FRAME, Framer, RATE_HZ, toInt16 } from "../src/device/pcm";
import { Resampler } from "../src/device/resample";
import { MOST_WAITING, Sender } from "../src/device/sender";
import { NEEDS_TLS, refusal } from "../src/device/words";

const RATES = [8000, 11_025, 16_000, 22_050, 32_000, 44_056, 44_100, 48_000, 88_200, 96_000, 192_000];

function tone(hz: number, rate: number, seconds: number, amplitude = 0.5): Float32Array {
  return Float32Array.from({ length: Math.round(rate * seconds) }, (_, at) => amplitude * Math.sin((2 * Math.PI * hz * at) / rate));
}

/** Loudest deviation from a tone at 16 kHz, beyond the first 20 ms, in which the filter fills. */
function deviation(out: Float32Array, hz: number): number {
  let most = 0;
  out.forEach((value, at) => {
    const wanted = 0.5 * Math.sin((2 * Math.PI * hz * at) / RATE_HZ);
    if (at > 320) most = Math.max(most, Math.abs(value - wanted));
  });
  return most;
}

const loudest = (out: Float32Array) => out.subarray(320).reduce((most, one) => Math.max(most, Math.abs(one)), 0);

describe("Resampler", () => {
  it.each(RATES)("keeps a tone of 1 kHz, in its place, from %i Hz", (rate) => {
    const out = new Resampler(rate, RATE_HZ).push(tone(1000, rate, 0.5));
    // Each sample comes half a filter (40 ms at the lowest rate) late, and all but those are there.
    expect(out.length).toBeGreaterThan(0.45 * RATE_HZ);
    expect(out.length).toBeLessThanOrEqual(0.5 * RATE_HZ);
    expect(deviation(out, 1000)).toBeLessThan(0.002);
  });

  it.each([44_100, 48_000, 96_000])("lets nothing through of a tone of 10 kHz at %i Hz", (rate) => {
    expect(loudest(new Resampler(rate, RATE_HZ).push(tone(10_000, rate, 0.5)))).toBeLessThan(0.5e-3);
  });

  it("lets nothing through of any tone above 8.2 kHz, and keeps those below 7 kHz", () => {
    for (let hz = 8300; hz < 22_000; hz += 1370) {
      expect(loudest(new Resampler(44_100, RATE_HZ).push(tone(hz, 44_100, 0.2)))).toBeLessThan(0.5e-3);
    }
    for (let hz = 50; hz < 7000; hz += 690) {
      expect(deviation(new Resampler(44_100, RATE_HZ).push(tone(hz, 44_100, 0.2)), hz)).toBeLessThan(0.005);
    }
  });

  it("keeps a constant constant", () => {
    const out = new Resampler(44_100, RATE_HZ).push(new Float32Array(44_100).fill(0.25));
    expect(loudest(out.map((one) => one - 0.25))).toBeLessThan(1e-4);
  });

  it("gives the same however the signal is cut", () => {
    const signal = tone(700, 44_100, 0.4).map((one, at) => one + 0.1 * Math.sin(at * at * 1e-5));
    const whole = new Resampler(44_100, RATE_HZ).push(signal);
    let seed = 7;
    for (let round = 0; round < 20; round += 1) {
      const resampler = new Resampler(44_100, RATE_HZ);
      const parts: number[] = [];
      for (let at = 0; at < signal.length; ) {
        seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
        const length = round === 0 ? 1 + (seed % 3) : seed % 3000;
        parts.push(...resampler.push(signal.subarray(at, at + length)));
        at += length;
      }
      expect(parts).toEqual([...whole]);
    }
  });

  it("does not wander, even between rates that have nothing in common", () => {
    const out = new Resampler(44_057, RATE_HZ).push(tone(1000, 44_057, 10));
    expect(out.length).toBeGreaterThan(9.99 * RATE_HZ);
    expect(deviation(out, 1000)).toBeLessThan(0.002);
  });
});

describe("frames", () => {
  it("clip what is too loud, and round the rest", () => {
    expect([...toInt16(Float32Array.of(0, 0.5, -1, 1, 3, -3, 1e-5))]).toEqual([0, 16_384, -32_768, 32_767, 32_767, -32_768, 0]);
  });

  it("have one length, and lose nothing", () => {
    const framer = new Framer();
    const signal = Float32Array.from({ length: 5 * FRAME + 17 }, (_, at) => (at % 30_000) / 32_768);
    const frames = [0, 1, 100, FRAME, 4 * FRAME, signal.length].flatMap((from, at, cuts) =>
      framer.push(signal.subarray(from, cuts[at + 1] ?? signal.length)),
    );
    expect(frames.map((one) => one.length)).toEqual(new Array(5).fill(FRAME));
    expect(frames.flatMap((one) => [...one])).toEqual([...toInt16(signal.subarray(0, 5 * FRAME))]);
  });
});

describe("Sender", () => {
  const sent: (string | ArrayBufferView)[] = [];
  const begin = () => {
    sent.length = 0;
    return new Sender({ send: (data) => void sent.push(data) }, "phone");
  };
  const frame = (mark: number) => new Int16Array(FRAME).fill(mark);
  const marks = () =>
    sent.slice(1).map((one) => (typeof one === "string" ? JSON.parse(one) : (one as Int16Array)[0]));

  it("begins with its name and sends nothing without credit", () => {
    const sender = begin();
    sender.push(frame(1));
    expect(sent).toEqual(['{"v":1,"type":"begin","rate_hz":16000,"name":"phone"}']);
  });

  it("never sends more than it has credit for", () => {
    const sender = begin();
    for (const mark of [1, 2, 3]) sender.push(frame(mark));
    sender.grant(2 * FRAME - 1);
    expect(marks()).toEqual([1]);
    sender.grant(1);
    expect(marks()).toEqual([1, 2]);
    sender.grant(10 * FRAME);
    sender.push(frame(4));
    expect(marks()).toEqual([1, 2, 3, 4]);
    expect(sender.dropped).toBe(0);
  });

  it("drops the oldest and tells of the hole where it is", () => {
    const sender = begin();
    const most = MOST_WAITING / FRAME;
    sender.grant(FRAME);
    for (let mark = 0; mark < most + 3; mark += 1) sender.push(frame(mark));
    expect(marks()).toEqual([0]);
    expect(sender.dropped).toBe(2 * FRAME);
    sender.grant(2 * FRAME);
    expect(marks()).toEqual([0, { v: 1, type: "skip", samples: 2 * FRAME }, 3, 4]);
    sender.grant(MOST_WAITING);
    expect(marks().slice(4)).toEqual(Array.from({ length: most - 2 }, (_, at) => at + 5));
  });
});

describe("refusal", () => {
  it("says what to do", () => {
    expect(refusal(new DOMException("no", "NotAllowedError"), "microphone")?.mend).toContain("Allow it");
    expect(refusal(new DOMException("no", "NotFoundError"), "microphone")?.why).toContain("no microphone");
    expect(refusal(new DOMException("no", "NotReadableError"), "tab")?.why).toContain("that tab");
    expect(refusal(new DOMException("odd", "OddError"), "tab")).toEqual({ why: "The sound cannot be taken.", mend: "odd" });
    expect(NEEDS_TLS.mend).toContain("--tls-cert");
  });

  it("is silent when the user has changed their mind, or the connection is only lost", () => {
    expect(refusal(new DOMException("no", "NotAllowedError"), "tab")).toBeNull();
    expect(refusal({ code: 1006, reason: "" }, "microphone")).toBeNull();
    expect(refusal({ code: 1001, reason: "nowhear is ending" }, "microphone")).toBeNull();
  });

  it("hands on what the server says", () => {
    const reason = "4 devices listen already, no more are taken";
    expect(refusal({ code: 1013, reason }, "microphone")).toEqual({
      why: "No more devices can listen.",
      mend: `It said: ${reason}.`,
    });
  });
});
