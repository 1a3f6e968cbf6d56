import type { Theme } from "../sound/palette";
import type { View } from "./annotate";
import type { Point } from "./data";
import type { Role, Standout } from "./focus";
import type { Stop } from "./path";
import { haze, pointPx, project, type Lens, type PointSize, type Seen } from "./project";
import type { Mark, Trail } from "./trail";

/** What is drawn over the cloud. */
export interface Figures {
  readonly standouts: readonly Standout[];
  readonly hovered: Point | null;
  readonly selected: Point | null;
  /** Places of the selected song's nearest. */
  readonly nearest: readonly Point[];
  /** Where the sound is, and how much it is there: 0 in silence, 1 with sound. */
  readonly live: Point;
  readonly strength: number;
  /** Places of the ranked songs. */
  readonly ranked: readonly Point[];
  readonly trail: Trail | null;
  /** The evening's path, while it is replayed. */
  readonly path: readonly Stop[];
  /** The moment that is replayed, Unix seconds. */
  readonly until: number;
  /** How far the ring about a newly named song has spread: 0 to 1; 1 is gone. */
  readonly ripple: number;
}

interface Ink {
  readonly ink: string;
  readonly live: string;
  readonly trail: string;
  readonly ground: string;
}

const INKS: Readonly<Record<Theme, Ink>> = {
  night: { ink: "#e8eee4", live: "#d3e377", trail: "#8fd07f", ground: "#0b1518" },
  day: { ink: "#11211f", live: "#0c5f60", trail: "#1c7476", ground: "#f1f4ed" },
};

interface Ring {
  readonly colour: "ink" | "live";
  readonly gap: number;
  readonly width: number;
}

/** Rings about songs that stand out: how far from the point's edge, and how wide, in pixels. */
const RINGS: Readonly<Record<Role | "hovered", Ring>> = {
  selected: { colour: "ink", gap: 5, width: 2.5 },
  named: { colour: "live", gap: 5, width: 2.5 },
  nearest: { colour: "ink", gap: 3, width: 1.5 },
  ranked: { colour: "live", gap: 3, width: 1.5 },
  hovered: { colour: "ink", gap: 3, width: 1.5 },
};

const FULL_TURN = 2 * Math.PI;
const LIVE_PX = 6;
const HALO_PX = 34;
const RIPPLE_PX = 70;
/** Strokes of one strength are one path: so many strengths does the trail have. */
const TRAIL_STEPS = 14;

/**
 * Draws what stands out over the cloud: lines, rings, the trail and the place of the sound. On a
 * canvas of its own, so that a gliding place does not draw all songs anew, and is never hidden
 * behind one of them.
 */
export class Overlay {
  readonly #canvas: HTMLCanvasElement;
  readonly #context: CanvasRenderingContext2D | null;
  #ratio = 1;
  #scale = 1;
  #lens: Lens = { matrix: [], width: 1, height: 1 };
  #distance = 1;
  #size: PointSize = { diameter: 1, perUnit: 1 };
  readonly #from: Seen = { x: 0, y: 0, depth: 1 };
  readonly #to: Seen = { x: 0, y: 0, depth: 1 };
  #ink = INKS.day;

  constructor(canvas: HTMLCanvasElement) {
    this.#canvas = canvas;
    this.#context = canvas.getContext("2d");
  }

  setTheme(theme: Theme): void {
    this.#ink = INKS[theme];
  }

  /** `scale`: size of the page's letters; marks grow with them, as a wall is read from afar. */
  resize(width: number, height: number, ratio: number, scale: number): void {
    this.#scale = scale;
    this.#canvas.width = Math.round(width * ratio);
    this.#canvas.height = Math.round(height * ratio);
    this.#ratio = ratio;
  }

  draw(figures: Figures, { lens, distance, size }: View): void {
    const context = this.#context;
    if (context === null) return;
    this.#lens = lens;
    this.#distance = distance;
    this.#size = size;
    context.setTransform(this.#ratio, 0, 0, this.#ratio, 0, 0);
    context.clearRect(0, 0, lens.width, lens.height);
    context.lineJoin = "round";
    context.lineCap = "round";
    this.#drawPath(context, figures);
    if (figures.trail !== null) this.#drawTrail(context, figures.trail, figures);
    if (figures.selected !== null) {
      this.#drawLinks(context, figures.selected, figures.nearest, this.#ink.ink, 0.6);
    }
    this.#drawLinks(context, figures.live, figures.ranked, this.#ink.live, 0.75 * figures.strength);
    for (const one of figures.standouts.toReversed()) this.#drawRing(context, one.place, RINGS[one.role]);
    if (figures.hovered !== null) this.#drawRing(context, figures.hovered, RINGS.hovered);
    this.#drawRipple(context, figures);
    this.#drawLive(context, figures);
    context.globalAlpha = 1;
  }

  /** The part until the replayed moment is bright, the rest of the evening faint. */
  #drawPath(context: CanvasRenderingContext2D, { path, until }: Figures): void {
    for (const past of [false, true]) {
      context.beginPath();
      let before: Point | null = null;
      for (const stop of path) {
        if (before !== null && stop.joined && stop.at <= until === past) this.#line(context, before, stop.place);
        before = stop.place;
      }
      this.#stroke(context, this.#ink.trail, past ? 2 : 1.25, past ? 0.85 : 0.35);
    }
  }

  #drawTrail(context: CanvasRenderingContext2D, trail: Trail, { live, strength }: Figures): void {
    const { marks } = trail;
    for (let step = 0; step < TRAIL_STEPS; step++) {
      const inStep = (mark: Mark) => Math.min(TRAIL_STEPS - 1, Math.floor(trail.strength(mark) * TRAIL_STEPS)) === step;
      context.beginPath();
      for (let at = 1; at < marks.length; at++) {
        const mark = marks[at]!;
        if (mark.joined && inStep(mark)) this.#curve(context, marks[at - 2], marks[at - 1]!, mark);
      }
      const last = marks.at(-1);
      if (step === TRAIL_STEPS - 1 && last !== undefined && strength > 0) {
        this.#curve(context, marks.at(-2), last, { ...last, place: live });
        this.#line(context, middle(last.place, live), live);
      }
      this.#glow(context, (step + 1) / TRAIL_STEPS);
    }
  }

  #glow(context: CanvasRenderingContext2D, part: number): void {
    this.#stroke(context, this.#ink.trail, 2 + 10 * part, 0.1 * part);
    this.#stroke(context, this.#ink.trail, 1.5 + 4 * part, 0.18 * part);
    this.#stroke(context, this.#ink.live, 0.8 + 1.4 * part, 0.12 + 0.75 * part * part);
  }

  #drawLinks(
    context: CanvasRenderingContext2D,
    from: Point,
    places: readonly Point[],
    colour: string,
    strength: number,
  ): void {
    if (strength <= 0) return;
    places.forEach((place, rank) => {
      context.beginPath();
      this.#line(context, from, place);
      const nearer = 1 - (0.6 * rank) / Math.max(1, places.length);
      this.#stroke(context, colour, 1 + nearer * 0.6, strength * nearer * (1 - haze(this.#to.depth, this.#distance)));
    });
  }

  #drawRing(context: CanvasRenderingContext2D, place: Point, { colour, gap, width }: Ring): void {
    if (!project(this.#lens, place, this.#to)) return;
    const radius = pointPx(this.#size, this.#to.depth) / 2 + gap * this.#scale;
    this.#circle(context, radius);
    this.#stroke(context, this.#ink.ground, width + 2, 0.55); // apart from the points behind it
    this.#circle(context, radius);
    this.#stroke(context, this.#ink[colour], width, 1);
  }

  /** The named song lights up: a halo that stays, and a ring that runs away once. */
  #drawRipple(context: CanvasRenderingContext2D, { standouts, ripple }: Figures): void {
    const named = standouts.find((one) => one.role === "named");
    if (named === undefined || !project(this.#lens, named.place, this.#to)) return;
    this.#drawHalo(context, HALO_PX * this.#scale, 0.6);
    if (ripple >= 1) return;
    this.#circle(context, (8 + RIPPLE_PX * ripple) * this.#scale);
    this.#stroke(context, this.#ink.live, 3 * (1 - ripple) + 0.5, 1 - ripple);
  }

  #drawLive(context: CanvasRenderingContext2D, { live, strength }: Figures): void {
    if (strength <= 0.01 || !project(this.#lens, live, this.#to)) return;
    this.#drawHalo(context, HALO_PX * this.#scale, 0.9 * strength);
    context.globalAlpha = strength;
    const radius = LIVE_PX * this.#scale;
    this.#circle(context, radius + 2);
    context.fillStyle = this.#ink.ground;
    context.fill();
    this.#circle(context, radius);
    context.fillStyle = this.#ink.live;
    context.fill();
    this.#circle(context, radius * 0.4);
    context.fillStyle = this.#ink.ground;
    context.fill();
  }

  #drawHalo(context: CanvasRenderingContext2D, radius: number, strength: number): void {
    const { x, y } = this.#to;
    const gradient = context.createRadialGradient(x, y, 0, x, y, radius);
    for (const [at, part] of [[0, 0.75], [0.35, 0.3], [0.7, 0.07], [1, 0]] as const) {
      gradient.addColorStop(at, withAlpha(this.#ink.live, part));
    }
    context.globalAlpha = strength;
    this.#circle(context, radius);
    context.fillStyle = gradient;
    context.fill();
  }

  #circle(context: CanvasRenderingContext2D, radius: number): void {
    context.beginPath();
    context.arc(this.#to.x, this.#to.y, radius, 0, FULL_TURN);
  }

  /** A line between two places; left out when one is behind the camera. */
  #line(context: CanvasRenderingContext2D, from: Point, to: Point): void {
    if (!project(this.#lens, from, this.#from) || !project(this.#lens, to, this.#to)) return;
    context.moveTo(this.#from.x, this.#from.y);
    context.lineTo(this.#to.x, this.#to.y);
  }

  /** From the middle before `from` to the middle before `to`: a trail without corners. */
  #curve(context: CanvasRenderingContext2D, before: Mark | undefined, from: Mark, to: Mark): void {
    if (before === undefined || !from.joined) return this.#line(context, from.place, middle(from.place, to.place));
    if (!project(this.#lens, middle(before.place, from.place), this.#from)) return;
    const [x, y] = [this.#from.x, this.#from.y];
    if (!project(this.#lens, from.place, this.#from)) return;
    if (!project(this.#lens, middle(from.place, to.place), this.#to)) return;
    context.moveTo(x, y);
    context.quadraticCurveTo(this.#from.x, this.#from.y, this.#to.x, this.#to.y);
  }

  #stroke(context: CanvasRenderingContext2D, colour: string, width: number, alpha: number): void {
    context.globalAlpha = Math.min(1, alpha);
    context.strokeStyle = colour;
    context.lineWidth = width * this.#scale;
    context.stroke();
  }
}

function middle(one: Point, other: Point): Point {
  return [(one[0] + other[0]) / 2, (one[1] + other[1]) / 2, (one[2] + other[2]) / 2];
}

function withAlpha(hex: string, alpha: number): string {
  return `${hex}${Math.round(alpha * 255).toString(16).padStart(2, "0")}`;
}
