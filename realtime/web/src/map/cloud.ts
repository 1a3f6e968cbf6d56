import {
  BufferAttribute,
  BufferGeometry,
  Color,
  PerspectiveCamera,
  Points,
  Scene,
  ShaderMaterial,
  SRGBColorSpace,
  WebGLRenderer,
} from "three";
import { categoryColour, MOST_CATEGORIES } from "../explore/palette";
import type { CameraState } from "../explore/types";
import type { Theme } from "../sound/palette";
import type { MapData } from "./data";
import { NEAR, pointDiameter, type Lens, type PointSize } from "./project";
import { VIEW_ANGLE_DEG } from "./rig";
import { COLOURS, FRAGMENT, VERTEX } from "./shader";

const FAR = 40;
const GROUND: Readonly<Record<Theme, string>> = { night: "#0b1518", day: "#f1f4ed" };
/** By night songs are lights, bright in the middle and without an edge; by day dots of ink. */
const LOOK: Readonly<Record<Theme, { readonly lift: number; readonly soft: number }>> = {
  night: { lift: 0.45, soft: 0.38 },
  day: { lift: 0, soft: 0.12 },
};
/** Time in which songs dim and light up. */
const TURN_S = 0.35;

/** The map cannot be drawn in this browser. */
export class NoWebGl extends Error {}

/** All songs as points in WebGL: one buffer a column, one draw call. */
export class Cloud {
  readonly #renderer: WebGLRenderer;
  readonly #scene = new Scene();
  readonly #camera = new PerspectiveCamera(VIEW_ANGLE_DEG, 1, NEAR, FAR);
  readonly #uniforms = {
    colours: { value: Array.from({ length: COLOURS }, () => new Color()) },
    ground: { value: new Color() },
    lift: { value: 0 },
    soft: { value: 0 },
    turned: { value: 1 },
    diameter: { value: 1 },
    perUnit: { value: 1 },
    ratio: { value: 1 },
    distance: { value: 1 },
  };
  readonly #material: ShaderMaterial;
  #points: Points<BufferGeometry, ShaderMaterial> | null = null;
  #lens = { matrix: new Float64Array(16), width: 1, height: 1 };

  /** Throws where the browser gives no WebGL 2 context; three.js itself would complain aloud. */
  constructor(canvas: HTMLCanvasElement) {
    const context = canvas.getContext("webgl2", { alpha: true, antialias: false, powerPreference: "high-performance" });
    if (context === null) throw new NoWebGl("the browser gives no WebGL 2 context");
    this.#renderer = new WebGLRenderer({ canvas, context });
    this.#material = new ShaderMaterial({
      uniforms: this.#uniforms,
      vertexShader: VERTEX,
      fragmentShader: FRAGMENT,
      transparent: true,
      premultipliedAlpha: true,
    });
  }

  /** What the graphics card, or what stands in for it, calls itself; empty when it does not say. */
  get device(): string {
    const gl = this.#renderer.getContext();
    const told = gl.getExtension("WEBGL_debug_renderer_info");
    return String(gl.getParameter(told?.UNMASKED_RENDERER_WEBGL ?? gl.RENDERER) ?? "");
  }

  get lens(): Lens {
    return this.#lens;
  }

  get size(): PointSize {
    return { diameter: this.#uniforms.diameter.value, perUnit: this.#uniforms.perUnit.value };
  }

  /** Takes the places of a map. `lineOf` and `light` are as long as it, and read, not kept. */
  setMap(map: MapData, lineOf: Uint8Array, light: Uint8Array): void {
    this.#drop();
    const geometry = new BufferGeometry();
    geometry.setAttribute("position", new BufferAttribute(map.xyz, 3));
    geometry.setAttribute("line", new BufferAttribute(lineOf.slice(), 1));
    geometry.setAttribute("shone", new BufferAttribute(light.slice(), 1, true));
    geometry.setAttribute("shines", new BufferAttribute(light.slice(), 1, true));
    this.#points = new Points(geometry, this.#material);
    this.#points.frustumCulled = false; // the cloud is always in view, and its bounds cost a pass
    this.#scene.add(this.#points);
    this.#uniforms.turned.value = 1;
    this.#uniforms.diameter.value = pointDiameter(map.ids.length);
  }

  /** Lines of another map than the one that is drawn are none of its songs'. */
  setLines(lineOf: Uint8Array): void {
    this.#rewrite("line", (column) => {
      if (column.length === lineOf.length) column.set(lineOf);
    });
  }

  /** Lets every song go over to its new light, at once or within some tenths of a second. */
  setLight(light: Uint8Array, { at_once }: { at_once: boolean }): void {
    const done = this.#uniforms.turned.value;
    const shines = this.#points?.geometry.getAttribute("shines").array as Uint8Array | undefined;
    if (shines === undefined) return;
    this.#rewrite("shone", (column) => {
      for (let row = 0; row < column.length; row++) {
        column[row] = column[row]! + (shines[row]! - column[row]!) * done;
      }
    });
    this.#rewrite("shines", (column) => column.set(light));
    this.#uniforms.turned.value = at_once ? 1 : 0;
  }

  /** Ranks of the legend's lines, in their order, tell each line's colour. */
  setColours(ranks: readonly number[], theme: Theme): void {
    this.#uniforms.colours.value.forEach((colour, line) => {
      set(colour, categoryColour(ranks[line] ?? MOST_CATEGORIES, theme));
    });
    set(this.#uniforms.ground.value, GROUND[theme]);
    this.#uniforms.lift.value = LOOK[theme].lift;
    this.#uniforms.soft.value = LOOK[theme].soft;
  }

  resize(width: number, height: number, ratio: number): void {
    this.#renderer.setPixelRatio(ratio);
    this.#renderer.setSize(width, height, false);
    this.#camera.aspect = width / height;
    this.#camera.updateProjectionMatrix();
    this.#lens.width = width;
    this.#lens.height = height;
    this.#uniforms.ratio.value = ratio;
    this.#uniforms.perUnit.value = height / (2 * Math.tan((VIEW_ANGLE_DEG / 2) * (Math.PI / 180)));
  }

  /** Moves the light on; whether it is still going over. */
  step(seconds: number): boolean {
    const { turned } = this.#uniforms;
    if (turned.value >= 1) return false;
    turned.value = Math.min(1, turned.value + seconds / TURN_S);
    return true;
  }

  /** Points the camera, so that `lens` sees as the next picture does. */
  aim({ target, position }: CameraState, distance: number): void {
    this.#camera.position.set(...position);
    this.#camera.lookAt(...target);
    this.#camera.updateMatrixWorld();
    this.#uniforms.distance.value = distance;
    multiply(this.#camera.projectionMatrix.elements, this.#camera.matrixWorldInverse.elements, this.#lens.matrix);
  }

  draw(): void {
    this.#renderer.render(this.#scene, this.#camera);
  }

  destroy(): void {
    this.#drop();
    this.#material.dispose();
    this.#renderer.dispose();
  }

  #rewrite(name: string, write: (column: Uint8Array) => void): void {
    const attribute = this.#points?.geometry.getAttribute(name) as BufferAttribute | undefined;
    if (attribute === undefined) return;
    write(attribute.array as Uint8Array);
    attribute.needsUpdate = true;
  }

  #drop(): void {
    if (this.#points === null) return;
    this.#scene.remove(this.#points);
    this.#points.geometry.dispose();
    this.#points = null;
  }
}

/** The shader writes what it is given: colours stay as they are written. */
function set(colour: Color, hex: string): void {
  colour.setStyle(hex, SRGBColorSpace).convertLinearToSRGB();
}

/** `out` = a times b, 4 by 4, column by column. */
function multiply(a: ArrayLike<number>, b: ArrayLike<number>, out: Float64Array): void {
  for (let column = 0; column < 16; column += 4) {
    for (let row = 0; row < 4; row++) {
      let sum = 0;
      for (let k = 0; k < 4; k++) sum += a[row + 4 * k]! * b[column + k]!;
      out[column + row] = sum;
    }
  }
}
