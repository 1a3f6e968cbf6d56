import type { Point } from "../map/data";
import type { CameraState, ColourBy } from "./types";

/** What a link to this page leads back to. The token is no part of it. */
export interface Link {
  readonly view: ViewName;
  readonly song: number | null;
  readonly count: number;
  readonly least: number | null;
  readonly hidden: readonly string[];
  readonly colour: ColourBy;
  readonly camera: CameraState | null;
}

export const VIEWS = ["now", "map", "songs", "foryou", "themes", "saved", "history", "compat"] as const;
export type ViewName = (typeof VIEWS)[number];

export const EMPTY_LINK: Link = {
  view: "now",
  song: null,
  count: 3,
  least: null,
  hidden: [],
  colour: "genre",
  camera: null,
};

const COLOURS: readonly ColourBy[] = ["genre", "tag", "theme"];
const MOST_COUNT = 50;
const MOST_HIDDEN = 100;
const MOST_ID = 2 ** 31 - 1;
const DECIMALS = 3;
/** Beyond it the map is a dot. */
const FARTHEST = 100;

/** The part of an address behind `#`, without it; empty for a page as it begins. */
export function encodeLink(link: Link): string {
  const fields = new URLSearchParams();
  if (link.view !== EMPTY_LINK.view) fields.set("view", link.view);
  if (link.song !== null) fields.set("song", String(link.song));
  if (link.count !== EMPTY_LINK.count) fields.set("n", String(link.count));
  if (link.least !== null) fields.set("least", plain(link.least));
  for (const name of link.hidden) fields.append("hide", name);
  if (link.colour !== EMPTY_LINK.colour) fields.set("colour", link.colour);
  if (link.camera !== null) fields.set("camera", [...link.camera.target, ...link.camera.position].map(plain).join(","));
  return fields.toString();
}

/** Reads what `encodeLink` wrote; of anything else it takes what makes sense, and never fails. */
export function decodeLink(hash: string): Link {
  const fields = new URLSearchParams(hash.replace(/^#/, ""));
  return {
    view: VIEWS.find((one) => one === fields.get("view")) ?? EMPTY_LINK.view,
    song: whole(fields.get("song"), 0, MOST_ID),
    count: whole(fields.get("n"), 1, MOST_COUNT) ?? EMPTY_LINK.count,
    least: between(fields.get("least"), -1, 1),
    hidden: [...new Set(fields.getAll("hide"))].slice(0, MOST_HIDDEN),
    colour: COLOURS.find((one) => one === fields.get("colour")) ?? EMPTY_LINK.colour,
    camera: camera(fields.get("camera")),
  };
}

/** The address of a page to hand to others: `page` with this link, and without the token. */
export function shareable(page: string, link: Link): string {
  const address = new URL(page);
  address.searchParams.delete("token");
  address.hash = encodeLink(link);
  return address.href;
}

function plain(value: number): string {
  return String(Number(value.toFixed(DECIMALS)) + 0); // no "-0"
}

function between(text: string | null, low: number, high: number): number | null {
  if (text === null || text.trim() === "") return null;
  const value = Number(text);
  return value >= low && value <= high ? value : null;
}

function whole(text: string | null, low: number, high: number): number | null {
  const value = between(text, low, high);
  return value !== null && Number.isInteger(value) ? value : null;
}

function camera(text: string | null): CameraState | null {
  const [a, b, c, d, e, f, ...more] = (text ?? "").split(",").map((one) => between(one, -FARTHEST, FARTHEST) ?? NaN);
  const [target, position] = [[a, b, c], [d, e, f]] as unknown as [Point, Point];
  const fits = more.length === 0 && [...target, ...position].every(Number.isFinite);
  return fits ? { target, position } : null;
}
