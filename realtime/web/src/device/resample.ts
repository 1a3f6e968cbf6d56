/** Zero crossings of the sinc on each side: a transition band of some 7 % of the lower rate. */
const CROSSINGS = 32;

/** The low-pass is half down here, as a share of the lower rate's Nyquist frequency. */
const CUTOFF = 0.94;

/** Shape of the Kaiser window: aliases lie 80 dB and more below. */
const BETA = 8;

/** Rates without much in common would need a filter each for thousands of places; these are enough. */
const MOST_PHASES = 1024;

/**
 * Resamples a signal that comes in pieces, by a windowed sinc (J. O. Smith, "Digital Audio
 * Resampling", section 2) whose low-pass keeps all below the lower rate's Nyquist frequency and
 * nothing above. However the signal is cut, what comes out is the same.
 *
 * Sample n of the output lies at n · from / to in the input. It comes once the input reaches half a
 * filter beyond that.
 */
export class Resampler {
  readonly #up: number;
  readonly #down: number;
  readonly #half: number;
  readonly #phases: readonly Float32Array[];
  /** Input from sample `#start` on; silence lies before the first. */
  #kept: Float32Array;
  #start: number;
  #next = 0;

  /** Rates in hertz, whole numbers. */
  constructor(from: number, to: number) {
    const common = divisor(from, to);
    this.#up = to / common;
    this.#down = from / common;
    const cutoff = Math.min(1, to / from) * CUTOFF;
    this.#half = Math.ceil(CROSSINGS / cutoff);
    const phases = Math.min(this.#up, MOST_PHASES);
    this.#phases = Array.from({ length: phases }, (_, at) => taps(at / phases, cutoff, this.#half));
    this.#kept = new Float32Array(this.#half);
    this.#start = -this.#half;
  }

  /** The output that the next piece of input completes. */
  push(samples: Float32Array): Float32Array {
    const input = new Float32Array(this.#kept.length + samples.length);
    input.set(this.#kept);
    input.set(samples, this.#kept.length);
    const end = this.#start + input.length;
    const output: number[] = [];
    let first = this.#place();
    for (; first.whole + this.#half < end; first = this.#place()) {
      const filter = this.#phases[first.phase] as Float32Array;
      const from = first.whole - this.#half + 1 - this.#start;
      let sum = 0;
      for (let at = 0; at < filter.length; at += 1) sum += (filter[at] as number) * (input[from + at] as number);
      output.push(sum);
      this.#next += 1;
    }
    const done = Math.min(input.length, Math.max(0, first.whole - this.#half + 1 - this.#start));
    this.#kept = input.slice(done);
    this.#start += done;
    return Float32Array.from(output);
  }

  /** Where the next output lies in the input: whole samples, and the filter for the rest. */
  #place(): { whole: number; phase: number } {
    const at = this.#next * this.#down; // exact: a day of sound stays far below 2^53
    const whole = Math.floor(at / this.#up);
    const rest = (at - whole * this.#up) / this.#up;
    const phase = Math.round(rest * this.#phases.length);
    return phase < this.#phases.length ? { whole, phase } : { whole: whole + 1, phase: 0 };
  }
}

/** The filter for an output that lies `rest` (0 to 1) behind an input sample; its sum is 1. */
function taps(rest: number, cutoff: number, half: number): Float32Array {
  const filter = new Float32Array(2 * half);
  let sum = 0;
  for (let at = 0; at < filter.length; at += 1) {
    const distance = at - (half - 1) - rest;
    const value = sinc(cutoff * distance) * kaiser(distance / half);
    filter[at] = value;
    sum += value;
  }
  return filter.map((value) => value / sum);
}

function sinc(x: number): number {
  return x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
}

function kaiser(x: number): number {
  return Math.abs(x) >= 1 ? 0 : bessel(BETA * Math.sqrt(1 - x * x)) / bessel(BETA);
}

/** Modified Bessel function of the first kind, order 0, by its power series. */
function bessel(x: number): number {
  let term = 1;
  let sum = 1;
  for (let k = 1; term > sum * 1e-12; k += 1) {
    term *= (x / (2 * k)) ** 2;
    sum += term;
  }
  return sum;
}

function divisor(a: number, b: number): number {
  return b === 0 ? a : divisor(b, a % b);
}
