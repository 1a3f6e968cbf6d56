import { MOST_CATEGORIES } from "../explore/palette";
import { HAZE, HAZE_FROM, HAZE_TO, LARGEST_PX, SMALLEST_PX } from "./project";

/** Ten categories and the others. */
export const COLOURS = MOST_CATEGORIES + 1;

const float = (value: number): string => value.toFixed(4);

/**
 * One song: a soft round point whose size follows its distance (as `pointPx`), whose colour is lost
 * in the distance (as `haze`), and whose light goes from `shone` to `shines` as `turned` goes from 0
 * to 1. A dimmed song is drawn behind all others, or it would cut holes into them.
 */
export const VERTEX = /* glsl */ `
attribute float line;
attribute float shone;
attribute float shines;
uniform vec3 colours[${COLOURS}];
uniform vec3 ground;
uniform float turned;
uniform float diameter;
uniform float perUnit;
uniform float ratio;
uniform float distance;
varying vec3 colour;
varying float opacity;
varying float radius;

void main() {
  float shine = mix(shone, shines, turned);
  gl_Position = projectionMatrix * (modelViewMatrix * vec4(position, 1.0));
  float depth = gl_Position.w;
  float far = clamp((depth - distance + ${float(HAZE_FROM)}) / ${float(HAZE_FROM + HAZE_TO)}, 0.0, 1.0);
  float size = clamp(diameter * perUnit / max(depth, 1e-4), ${float(SMALLEST_PX)}, ${float(LARGEST_PX)});
  size *= mix(0.55, 1.0, shine) * ratio;
  colour = mix(colours[int(line + 0.5)], ground, ${float(HAZE)} * far);
  opacity = mix(0.2, 1.0, shine) * smoothstep(0.0, 0.12, shine) * smoothstep(0.02, 0.08, depth);
  radius = size * 0.5;
  gl_PointSize = size + 1.0;
  if (shine < 0.01) gl_Position = vec4(2.0, 2.0, 2.0, 1.0);
  else if (shine < 0.5) gl_Position.z = 0.99999 * gl_Position.w;
}
`;

/** `lift`: how much brighter the middle is. `soft`: the part of the radius over which it fades. */
export const FRAGMENT = /* glsl */ `
uniform float lift;
uniform float soft;
varying vec3 colour;
varying float opacity;
varying float radius;

void main() {
  vec2 off = (gl_PointCoord - 0.5) * (2.0 * radius + 1.0);
  float away = length(off);
  float fade = max(1.0, soft * radius);
  float cover = clamp((radius + 0.5 - away) / fade, 0.0, 1.0) * opacity;
  if (cover < 0.06) discard;
  float core = 1.0 - smoothstep(0.0, 0.75 * radius, away);
  gl_FragColor = vec4(mix(colour, vec3(1.0), lift * core) * cover, cover);
}
`;
