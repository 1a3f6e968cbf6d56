import type { Explore } from "../explore/state";
import { listen } from "./controls";
import { placeOf } from "./data";
import type { Gesture } from "./gestures";
import type { Command } from "./keys";
import type { MapScene } from "./scene";

const MOUSE_REACH_PX = 5;
const TAP_REACH_PX = 14;

/** What the map's own habits give way to. */
export interface Yields {
  /** Someone takes the map in hand. */
  readonly touched: () => void;
  /** Someone looks elsewhere. */
  readonly moved: () => void;
}

export type Wishes = Pick<Explore, "map" | "hovered" | "select">;

/** Lets hands turn the scene, point at songs and select them. */
export class MapHands {
  readonly #frame: HTMLElement;
  readonly #scene: MapScene;
  readonly #explore: Wishes;
  readonly #yields: Yields;
  readonly #stop: () => void;
  #pointer: { readonly x: number; readonly y: number } | null = null;
  /** Whether the map is worked with keys: then its middle is what points. */
  #keys = false;

  constructor(frame: HTMLElement, scene: MapScene, explore: Wishes, yields: Yields) {
    this.#frame = frame;
    this.#scene = scene;
    this.#explore = explore;
    this.#yields = yields;
    this.#stop = listen(frame, {
      touch: yields.touched,
      gesture: (gesture) => this.#move(gesture),
      command: (command) => this.#obey(command),
      point: (at) => this.#pointAt(at),
      visit: ({ x, y }) => this.#visit(x, y),
    });
  }

  /** Looks again at what lies under the pointer, or in the middle while keys are used. */
  look(): void {
    if (this.#keys) this.#hover(this.#songInMiddle());
    else if (this.#pointer !== null) this.#hover(this.#songAt(this.#pointer.x, this.#pointer.y, MOUSE_REACH_PX));
  }

  destroy(): void {
    this.#stop();
  }

  #move(gesture: Gesture): void {
    const { clientWidth: width, clientHeight: height } = this.#frame;
    const { rig } = this.#scene;
    this.#setKeys(false);
    if (gesture.kind === "tap") return this.#select(this.#songAt(gesture.x, gesture.y, TAP_REACH_PX));
    if (gesture.kind === "zoom") {
      rig.zoom(gesture.factor, (gesture.x - width / 2) / height, (height / 2 - gesture.y) / height);
    } else rig[gesture.kind](gesture.dx / height, gesture.dy / height);
    if (gesture.kind === "pan") this.#yields.moved();
    this.#scene.wake();
  }

  #obey(command: Command): void {
    const { rig } = this.#scene;
    if (command.kind === "leave") {
      this.#setKeys(false);
      this.#explore.select(null);
      return;
    }
    this.#setKeys(true);
    if (command.kind === "choose") return this.#select(this.#songInMiddle());
    if (command.kind === "zoom") rig.zoom(command.factor);
    else if (command.kind === "home") rig.home();
    else if (command.kind === "turn" || command.kind === "pan") rig[command.kind](command.dx, command.dy);
    if (command.kind === "pan" || command.kind === "home") this.#yields.moved();
    this.#scene.wake();
  }

  #pointAt(at: { readonly x: number; readonly y: number } | null): void {
    this.#pointer = at;
    this.#setKeys(false);
    if (at === null) this.#hover(null);
    this.#frame.dataset["over"] = String(false);
    this.look();
  }

  #visit(x: number, y: number): void {
    const song = this.#songAt(x, y, TAP_REACH_PX);
    const map = this.#explore.map.peek();
    const place = song === null || map === null ? null : placeOf(map, song);
    if (place === null) return;
    this.#yields.moved();
    this.#scene.rig.visit(place, map?.ids.length ?? 0);
    this.#scene.wake();
  }

  #select(song: number | null): void {
    if (song !== null) this.#explore.select(song, { fly: false });
  }

  #hover(song: number | null): void {
    this.#frame.dataset["over"] = String(song !== null);
    this.#explore.hovered.value = song;
  }

  #setKeys(keys: boolean): void {
    this.#keys = keys;
    this.#frame.dataset["keys"] = String(keys);
  }

  /** Keys choose the song nearest to the middle, however far from there few songs are. */
  #songInMiddle(): number | null {
    const [x, y] = [this.#frame.clientWidth / 2, this.#frame.clientHeight / 2];
    return this.#songAt(x, y, Math.min(x, y));
  }

  #songAt(x: number, y: number, reach: number): number | null {
    const row = this.#scene.pick(x, y, reach);
    return this.#explore.map.peek()?.ids[row] ?? null;
  }
}
