import { batch, effect, signal, type ReadonlySignal, type Signal } from "@preact/signals";
import { followHeard, followMap, followSongs, type Sources } from "./follow";
import { MapHands } from "./hands";
import { MapScene, type Stage } from "./scene";
import { onMotion, watchStage } from "./watch";

export interface Mounting extends Sources {
  readonly stage: Stage;
  /** Elements over the map that labels keep clear of. */
  readonly obstacles: () => readonly Element[];
}

/** A mounted map. */
export interface MountedMap {
  /** Whether it turns by itself. */
  readonly spinning: Signal<boolean>;
  /** Whether the camera goes where the sound is. */
  readonly following: Signal<boolean>;
  /** Whether the browser has taken the graphics away, for now. */
  readonly lost: ReadonlySignal<boolean>;
  zoom: (factor: number) => void;
  home: () => void;
  destroy: () => void;
}

/**
 * Draws the map into `stage` and keeps it true to what is heard, selected and filtered. Throws where
 * there is no WebGL.
 */
export function mountMap({ stage, obstacles, ...sources }: Mounting): MountedMap {
  const { explore } = sources;
  const [spinning, following, lost] = [signal(false), signal(false), signal(false)];
  const near = signal<readonly number[]>([]);
  const start = explore.camera.peek();
  const reports = {
    rest: (camera: NonNullable<typeof start>) => (explore.camera.value = camera),
    pointed: () => hands.look(),
    near: (songs: readonly number[]) => (near.value = songs),
    slow: () => (spinning.value = false),
  };
  const scene = new MapScene(stage, reports, start);
  const hands = new MapHands(stage.frame, scene, explore, {
    touched: () => (spinning.value = false),
    moved: () => (following.value = false),
  });
  const stops = [
    () => hands.destroy(),
    () => scene.destroy(),
    onMotion((less) => {
      scene.lessMotion = less;
      spinning.value = !less && !scene.software && start === null;
    }),
    effect(() => {
      scene.spinning = spinning.value;
      scene.wake();
    }),
    watchStage(scene, stage, lost, obstacles),
    ...followMap(scene, sources),
    ...followHeard(scene, sources, following),
    ...followSongs(scene, sources, near),
  ];
  return {
    spinning,
    following,
    lost,
    zoom: (factor) => {
      scene.rig.zoom(factor);
      scene.wake();
    },
    home: () => {
      batch(() => (spinning.value = following.value = false));
      scene.rig.home();
      scene.wake();
    },
    destroy: () => stops.toReversed().forEach((stop) => stop()),
  };
}
