import type { CameraState } from "../explore/types";
import type { Theme } from "../sound/palette";
import { placeCard, placeLabels } from "./annotate";
import type { Named } from "./captions";
import { Cloud } from "./cloud";
import type { MapData, Point } from "./data";
import type { Standout } from "./focus";
import { Glide } from "./glide";
import { LabelLayer } from "./label-layer";
import type { Box } from "./labels";
import { Loop } from "./loop";
import { Overlay, type Figures } from "./overlay";
import type { Stop } from "./path";
import { nearestInView, pick } from "./pick";
import { Rig } from "./rig";

/** The elements that the map is drawn into. */
export interface Stage {
  readonly frame: HTMLElement;
  readonly canvas: HTMLCanvasElement;
  readonly overlay: HTMLCanvasElement;
  readonly labels: HTMLElement;
  /** The card that goes with the song under the pointer. */
  readonly card: HTMLElement;
}

/** What the scene asks and tells while it draws. */
export interface Reports {
  /** The camera has come to rest. */
  rest: (camera: CameraState) => void;
  /** A mouse points here, and something has moved. */
  pointed: () => void;
  /** The songs nearest to the camera. */
  near: (songs: readonly number[]) => void;
  /** Frames come too slowly to turn for pleasure. */
  slow: () => void;
}

/** More dots than these to a pixel are not seen, and cost as much as they are many. */
const MOST_RATIO = 2;
/** One turn in four minutes. */
const SPIN_RAD_PER_S = (2 * Math.PI) / 240;
const SLOW_S = 0.045;
const SLOW_FRAMES = 25;
const RIPPLE_S = 1.6;
/** How often the songs nearest to the camera are looked for while it moves. */
const SURVEY_S = 0.3;
const NEAR_LABELS = 14;
const NEAR_LABELS_SMALL = 6;
const SMALL_PX = 560;
const USUAL_LETTERS_PX = 16;
/** Strength of the sound's place from which it has a label. */
const LIVE_LABEL_FROM = 0.3;
const SOFTWARE = /swiftshader|llvmpipe|softpipe|software|basic render/i;

/** Songs and places that are drawn over the cloud. */
export type Shown = Pick<Figures, "standouts" | "selected" | "nearest" | "ranked">;

/** The map as it is drawn: everything that moves, and when to draw it anew. */
export class MapScene {
  readonly rig: Rig;
  /** The place of the sound of now, and of the moment that is replayed. */
  readonly now = new Glide();
  readonly then = new Glide();
  /** Whether the machine draws without a graphics card. */
  readonly software: boolean;
  lessMotion = false;
  spinning = false;
  replaying = false;
  /** What the label at the place of the sound says. */
  liveTitle = "";

  readonly #stage: Stage;
  readonly #reports: Reports;
  readonly #cloud: Cloud;
  readonly #overlay: Overlay;
  readonly #labels: LabelLayer;
  readonly #loop = new Loop((seconds) => this.#frame(seconds));
  #map: MapData | null = null;
  #light: Uint8Array = new Uint8Array(0);
  #shown: Shown = { standouts: [], selected: null, nearest: [], ranked: [] };
  #path: { readonly stops: readonly Stop[]; readonly until: number } = { stops: [], until: 0 };
  #captions: readonly Named[] = [];
  #hovered: Point | null = null;
  #ripple = 1;
  #obstacles: readonly Box[] = [];
  #stale = true;
  #moved = false;
  #sinceSurvey = Infinity;
  #slowFrames = 0;

  /** Throws where there is no WebGL. */
  constructor(stage: Stage, reports: Reports, camera: CameraState | null) {
    this.#stage = stage;
    this.#reports = reports;
    this.#cloud = new Cloud(stage.canvas);
    this.software = SOFTWARE.test(this.#cloud.device);
    this.#overlay = new Overlay(stage.overlay);
    this.#labels = new LabelLayer(stage.labels);
    this.rig = new Rig(camera, stage.frame.clientWidth / Math.max(1, stage.frame.clientHeight));
  }

  setMap(map: MapData, lineOf: Uint8Array, light: Uint8Array): void {
    this.#map = map;
    this.#light = light;
    this.#cloud.setMap(map, lineOf, light);
    this.wake({ survey: true });
  }

  setLines(lineOf: Uint8Array): void {
    this.#cloud.setLines(lineOf);
    this.wake();
  }

  /** `light` is kept, and read when songs are picked. */
  setLight(light: Uint8Array): void {
    this.#light = light;
    this.#cloud.setLight(light, { at_once: this.lessMotion });
    this.wake({ survey: true });
  }

  setTheme(ranks: readonly number[], theme: Theme): void {
    this.#cloud.setColours(ranks, theme);
    this.#overlay.setTheme(theme);
    this.wake();
  }

  setShown(shown: Shown): void {
    const named = (all: readonly Standout[]) => all.find((one) => one.role === "named")?.song ?? null;
    const now = named(shown.standouts);
    if (now !== null && now !== named(this.#shown.standouts)) this.#ripple = this.lessMotion ? 1 : 0;
    this.#shown = shown;
    this.#loop.wake();
  }

  setPath(stops: readonly Stop[], until: number): void {
    this.#path = { stops, until };
    this.#loop.wake();
  }

  setCaptions(captions: readonly Named[]): void {
    this.#captions = captions;
    this.#loop.wake();
  }

  setHovered(place: Point | null): void {
    this.#hovered = place;
    this.#loop.wake();
  }

  /** Boxes in the frame that labels keep clear of. */
  setObstacles(boxes: readonly Box[]): void {
    this.#obstacles = boxes;
    this.#loop.wake();
  }

  setSeen(seen: boolean): void {
    this.#loop.setSeen(seen);
  }

  resize(): void {
    const { clientWidth: width, clientHeight: height } = this.#stage.frame;
    if (width === 0 || height === 0) return;
    const ratio = Math.min(MOST_RATIO, devicePixelRatio);
    this.#cloud.resize(width, height, this.software ? 1 : ratio);
    const letters = Number.parseFloat(getComputedStyle(document.documentElement).fontSize);
    this.#overlay.resize(width, height, ratio, letters / USUAL_LETTERS_PX);
    this.rig.setAspect(width / height);
    this.#labels.clear();
    this.wake({ survey: true });
  }

  /** Whether no frame is due, or none can be drawn. */
  get resting(): boolean {
    return this.#loop.resting;
  }

  /** Draws the cloud anew, and all over it. */
  wake({ survey = false } = {}): void {
    this.#stale = true;
    if (survey) this.#sinceSurvey = Infinity;
    this.#loop.wake();
  }

  /** Draws anew only what lies over the cloud. */
  touch(): void {
    this.#loop.wake();
  }

  /** Row of the song at `x`, `y` pixels; -1 when there is none. */
  pick(x: number, y: number, reach: number): number {
    return this.#map === null ? -1 : pick(this.#songs(this.#map), this.#cloud.lens, x, y, reach);
  }

  destroy(): void {
    this.#loop.destroy();
    this.#cloud.destroy();
    this.#labels.clear();
  }

  get #shownGlide(): Glide {
    return this.replaying ? this.then : this.now;
  }

  #frame(seconds: number): boolean {
    const goes = this.#step(seconds);
    const { rig } = this;
    if (this.#stale) {
      this.#cloud.aim(rig.state(), rig.distance);
      this.#cloud.draw();
      this.#survey(seconds, goes);
      this.#reports.pointed();
    }
    this.#stale = false;
    this.#drawOver();
    return goes;
  }

  /** Moves on everything that moves; whether anything still does. */
  #step(seconds: number): boolean {
    const camera = this.#stepCamera(seconds);
    const turning = this.#cloud.step(seconds);
    if (camera || turning) this.#stale = true;
    const glide = this.#shownGlide;
    if (this.lessMotion) glide.arrive();
    else glide.step(seconds);
    const ripples = this.#ripple < 1;
    if (ripples) this.#ripple = Math.min(1, this.#ripple + seconds / RIPPLE_S);
    return camera || turning || ripples || !glide.resting;
  }

  #stepCamera(seconds: number): boolean {
    const { rig } = this;
    if (this.spinning) {
      rig.drift(SPIN_RAD_PER_S * seconds);
      this.#slowFrames = seconds > SLOW_S ? this.#slowFrames + 1 : 0;
      if (this.#slowFrames > SLOW_FRAMES) this.#reports.slow();
    }
    if (this.lessMotion && !rig.resting) rig.arrive();
    else if (rig.resting) {
      if (this.#moved) {
        rig.arrive();
        this.#reports.rest(rig.state());
      }
      this.#moved = false;
      return this.spinning;
    } else rig.step(seconds);
    this.#moved = true;
    return true;
  }

  #songs({ xyz }: MapData) {
    return { xyz, light: this.#light, size: this.#cloud.size };
  }

  #survey(seconds: number, goes: boolean): void {
    this.#sinceSurvey += seconds;
    if (this.#map === null || (goes && this.#sinceSurvey < SURVEY_S)) return;
    this.#sinceSurvey = 0;
    const most = this.#stage.frame.clientWidth < SMALL_PX ? NEAR_LABELS_SMALL : NEAR_LABELS;
    const { ids } = this.#map;
    const rows = nearestInView(this.#songs(this.#map), this.#cloud.lens, most);
    this.#reports.near(rows.map((row) => ids[row]!));
  }

  #drawOver(): void {
    const { lens, size } = this.#cloud;
    const glide = this.#shownGlide;
    const figures: Figures = {
      ...this.#shown,
      hovered: this.#hovered,
      live: glide.place,
      strength: glide.strength,
      trail: this.replaying ? null : glide.trail,
      path: this.replaying ? this.#path.stops : [],
      until: this.#path.until,
      ripple: this.#ripple,
    };
    const view = { lens, size, distance: this.rig.distance };
    this.#overlay.draw(figures, view);
    const { place, strength } = glide;
    const live: Named = { key: "live", title: this.liveTitle, artist: null, role: "live", place };
    const captions = strength > LIVE_LABEL_FROM ? [live, ...this.#captions] : this.#captions;
    placeLabels(this.#labels, captions, view, this.#obstacles);
    placeCard(this.#stage.card, this.#hovered, view);
  }
}
