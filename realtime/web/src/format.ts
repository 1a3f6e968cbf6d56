const COUNT = new Intl.NumberFormat("en");
const MINUS = "\u2212";

/** The daemon measures no finer, and turntables run as much off by themselves. */
const OWN_SPEED_WITHIN = 0.006;

/** Length of a song: `3:07`, `1:02:03`. */
export function clock(seconds: number): string {
  const whole = Math.max(0, Math.floor(Number.isFinite(seconds) ? seconds : 0));
  const tail = String(whole % 60).padStart(2, "0");
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes}:${tail}`;
  return `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, "0")}:${tail}`;
}

/** A long time in its two largest units: `42 s`, `7 min`, `3 h 12 min`, `5 d 2 h`. */
export function span(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`;
  return hours % 24 === 0 ? `${Math.floor(hours / 24)} d` : `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** Milliseconds: `0.8 ms`, `38 ms`, `1.24 s`. */
export function milliseconds(value: number): string {
  if (value >= 1000) return `${(value / 1000).toFixed(2)} s`;
  return `${value < 9.95 ? value.toFixed(1) : Math.round(value)} ms`;
}

/** Level with a true minus sign; `silent` at the bottom of the scale. */
export function decibels(value: number): string {
  if (value <= -119.5) return "silent";
  const rounded = Math.round(value);
  return `${rounded < 0 ? MINUS : ""}${Math.abs(rounded)} dB`;
}

/** Similarity from -1 to 1 with two digits. */
export function score(value: number): string {
  return `${value <= -0.005 ? MINUS : ""}${Math.abs(value).toFixed(2)}`;
}

/** By how much faster or slower a song is played: `+4.0 %`, `−2.5 %`; null when at its own speed. */
export function speed(rate: number): string | null {
  const change = rate - 1;
  if (Math.abs(change) < OWN_SPEED_WITHIN) return null;
  return `${change < 0 ? MINUS : "+"}${(Math.abs(change) * 100).toFixed(1)} %`;
}

/** Probability as a percentage. */
export function percent(value: number): string {
  return `${Math.round(value * 100)} %`;
}

/** Lost seconds: `none`, `0.4 s`, `12 s`. */
export function lost(seconds: number): string {
  if (seconds <= 0) return "none";
  return seconds < 10 ? `${Math.max(0.1, seconds).toFixed(1)} s` : span(seconds);
}

/** A number with its noun: `1 song`, `12,034 songs`. */
export function count(value: number, noun: string): string {
  return `${COUNT.format(value)} ${noun}${value === 1 ? "" : "s"}`;
}

/** Time of day in the reader's zone: `21:04`. `at` is Unix time in seconds. */
export function timeOfDay(at: number): string {
  const date = new Date(at * 1000);
  return `${String(date.getHours()).padStart(2, "0")}:${String(date.getMinutes()).padStart(2, "0")}`;
}

/** A day in the reader's zone: `2026-11-21`. */
export function dayOf(date: Date): string {
  const two = (value: number) => String(value).padStart(2, "0");
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}
