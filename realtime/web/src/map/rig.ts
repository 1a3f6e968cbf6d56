import type { CameraState } from "../explore/types";
import type { Point } from "./data";
import { Springs } from "./spring";

/** Vertical angle of view. */
export const VIEW_ANGLE_DEG = 45;
const TAN_HALF = Math.tan((VIEW_ANGLE_DEG / 2) * (Math.PI / 180));

/** Nearer than this, to go on means to take the target along. */
const NEAREST = 0.12;
const FARTHEST = 9;
/** The target stays about the songs, so that nobody gets lost in the void. */
const TARGET_WITHIN = 1.6;
const STEEPEST_RAD = 1.5;
/** Less than half a pixel. */
const AT_REST = 4e-4;

/** Springs' rates, 1/s: a hand wants its answer at once, an eye wants to see where it flies. */
const HAND = 22;
const FLIGHT = 3.2;

/** Turning by a drag over the height of the view, in radians. */
const TURN_PER_HEIGHT_RAD = 3.6;

/** Places of the numbers in the springs. */
const X = 0;
const YAW = 3;
const PITCH = 4;
const DISTANCE = 5; // its logarithm: a zoom is even when it multiplies

/** Volume in which nearly all songs lie. */
const UNIT_BALL = (4 / 3) * Math.PI;
const HOME_YAW_RAD = 0.5;
const HOME_PITCH_RAD = 0.32;
const HOME_DISTANCE = 2.75;
/** Width by height below which a view counts as tall: the cloud is seldom as wide as it may be. */
const TALL = 0.85;
const MOST_FARTHER = 1.7;
/** A flight to a song ends so many times as far from it as songs are from each other. */
const VISIT_SPACINGS = 5;
const NEAREST_VISIT = 0.45;
const FARTHEST_VISIT = 2;

/** A camera that looks at a target from around it and glides to where it is sent. */
export class Rig {
  readonly #springs: Springs;
  #rate = HAND;
  /** How much farther than a wide view a tall one must be, to hold the same. */
  #farther = 1;

  /** `aspect`: width by height of the view. Without a `start` all songs are seen. */
  constructor(start: CameraState | null, aspect: number) {
    this.#springs = new Springs([0, 0, 0, HOME_YAW_RAD, HOME_PITCH_RAD, Math.log(HOME_DISTANCE)]);
    this.setAspect(aspect);
    if (start !== null) this.#aim(start);
    this.#springs.arrive();
  }

  /** The view has another form: what was seen stays in it. */
  setAspect(aspect: number): void {
    const before = this.#farther;
    this.#farther = within(1, TALL / aspect, MOST_FARTHER);
    this.#carry(DISTANCE, Math.log(this.#farther / before));
  }

  get distance(): number {
    return Math.exp(this.#springs.value[DISTANCE]!);
  }

  /** Height of what is seen at the target's distance. */
  get viewHeight(): number {
    return 2 * this.distance * TAN_HALF;
  }

  get resting(): boolean {
    return this.#springs.resting(AT_REST);
  }

  state(): CameraState {
    const [x = 0, y = 0, z = 0, yaw = 0, pitch = 0] = this.#springs.value;
    const [backX, backY, backZ] = back(yaw, pitch);
    const { distance } = this;
    return {
      target: [x, y, z],
      position: [x + distance * backX, y + distance * backY, z + distance * backZ],
    };
  }

  step(seconds: number): void {
    this.#springs.step(seconds, this.#rate);
    const { value } = this.#springs; // a spring that was pushed hard may swing beyond a bound
    value[PITCH] = within(-STEEPEST_RAD, value[PITCH]!, STEEPEST_RAD);
    value[DISTANCE] = within(Math.log(NEAREST), value[DISTANCE]!, Math.log(FARTHEST));
  }

  arrive(): void {
    this.#springs.arrive();
  }

  /** Orbits by a drag of `dx`, `dy`, in heights of the view, to the right and down. */
  turn(dx: number, dy: number): void {
    this.#rate = HAND;
    this.#rotate(-dx * TURN_PER_HEIGHT_RAD, dy * TURN_PER_HEIGHT_RAD);
  }

  /** Orbits slowly by itself, without the lag that a spring has behind a moving goal. */
  drift(radians: number): void {
    this.#carry(YAW, radians);
  }

  /** Moves what is seen by `dx`, `dy`, in heights of the view, to the right and down. */
  pan(dx: number, dy: number): void {
    this.#rate = HAND;
    const scale = 2 * Math.exp(this.#springs.goal[DISTANCE]!) * TAN_HALF;
    this.#shift(-dx * scale, dy * scale, 0);
  }

  /**
   * Comes nearer by `factor` (below 1: goes away) and keeps in place what lies at `x`, `y`: heights
   * of the view from its middle, to the right and up. At the nearest, the target moves ahead.
   */
  zoom(factor: number, x = 0, y = 0): void {
    this.#rate = HAND;
    const { goal } = this.#springs;
    const before = Math.exp(goal[DISTANCE]!);
    const wanted = before / factor;
    const after = within(NEAREST, wanted, FARTHEST);
    goal[DISTANCE] = Math.log(after);
    const sideways = 2 * (before - after) * TAN_HALF;
    this.#shift(x * sideways, y * sideways, wanted < NEAREST ? NEAREST - wanted : 0);
  }

  /** Flies to one of so many songs, and near enough to see those about it. */
  visit(place: Point, songs: number): void {
    this.follow(place);
    const { goal } = this.#springs;
    const spacing = Math.cbrt(UNIT_BALL / Math.max(1, songs));
    const distance = within(NEAREST_VISIT, VISIT_SPACINGS * spacing, FARTHEST_VISIT);
    goal[DISTANCE] = Math.min(goal[DISTANCE]!, Math.log(distance * this.#farther));
  }

  /** Looks at `place` from the distance of now. */
  follow(place: Point): void {
    this.#rate = FLIGHT;
    this.#springs.goal.set(place, X);
  }

  /** Flies to where all songs are seen. */
  home(): void {
    this.#rate = FLIGHT;
    this.#springs.goal.set([0, 0, 0], X);
    this.#springs.goal[YAW] = nearestTurn(HOME_YAW_RAD, this.#springs.value[YAW]!);
    this.#springs.goal[PITCH] = HOME_PITCH_RAD;
    this.#springs.goal[DISTANCE] = Math.log(HOME_DISTANCE * this.#farther);
  }

  /** Moves a number together with its goal, at once. */
  #carry(at: number, by: number): void {
    for (const numbers of [this.#springs.goal, this.#springs.value]) numbers[at] = numbers[at]! + by;
  }

  #rotate(yaw: number, pitch: number): void {
    const { goal } = this.#springs;
    goal[YAW] = goal[YAW]! + yaw;
    goal[PITCH] = within(-STEEPEST_RAD, goal[PITCH]! + pitch, STEEPEST_RAD);
  }

  /** Moves the target's goal along the view's own axes. */
  #shift(right: number, up: number, ahead: number): void {
    const { goal } = this.#springs;
    const [yaw, pitch] = [goal[YAW]!, goal[PITCH]!];
    const [sin, cos] = [Math.sin(yaw), Math.cos(yaw)];
    const [backX, backY, backZ] = back(yaw, pitch);
    const moved = [
      goal[X]! + right * cos - up * Math.sin(pitch) * sin - ahead * backX,
      goal[X + 1]! + up * Math.cos(pitch) - ahead * backY,
      goal[X + 2]! - right * sin - up * Math.sin(pitch) * cos - ahead * backZ,
    ];
    const beyond = Math.hypot(...moved) / TARGET_WITHIN;
    goal.set(beyond > 1 ? moved.map((one) => one / beyond) : moved, X);
  }

  #aim({ target, position }: CameraState): void {
    const [x, y, z] = [position[0] - target[0], position[1] - target[1], position[2] - target[2]];
    const distance = Math.hypot(x, y, z);
    if (!(distance > 0 && Number.isFinite(distance)) || !target.every(Number.isFinite)) return;
    this.#springs.goal.set(target, X);
    this.#springs.goal[YAW] = Math.atan2(x, z);
    this.#springs.goal[PITCH] = 0;
    this.#rotate(0, Math.asin(y / distance));
    this.#springs.goal[DISTANCE] = Math.log(within(NEAREST, distance, FARTHEST));
    this.#shift(0, 0, 0); // keeps a target from an address within bounds
  }
}

/** Unit vector from the target to the camera. */
function back(yaw: number, pitch: number): Point {
  return [Math.sin(yaw) * Math.cos(pitch), Math.sin(pitch), Math.cos(yaw) * Math.cos(pitch)];
}

/** The angle equal to `angle` up to full turns that is nearest to `from`. */
function nearestTurn(angle: number, from: number): number {
  const turn = 2 * Math.PI;
  return angle + turn * Math.round((from - angle) / turn);
}

function within(least: number, value: number, most: number): number {
  return Math.min(most, Math.max(least, value));
}
