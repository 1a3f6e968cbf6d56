import { placeOf, type MapData, type Point } from "./data";
import type { Standout } from "./focus";
import type { Caption } from "./label-layer";
import type { Region } from "./regions";

export type NameOf = (song: number) => { readonly title: string; readonly artist: string | null } | null;

export interface Named extends Caption {
  readonly place: Point;
}

const LONGEST = 36;

/** Labels of regions. */
export function regionCaptions(regions: readonly Region[]): Named[] {
  return regions.map(({ key, place }) => ({
    key: `region ${key}`,
    title: shortened(key),
    artist: null,
    role: "region",
    place,
  }));
}

/**
 * What labels say, the most important first: the songs that stand out, the regions, then the songs
 * `near` to the camera. A song that is not on the map, or whose name has not come yet, has no label.
 */
export function captions(
  map: MapData,
  shown: readonly Standout[],
  near: readonly number[],
  nameOf: NameOf,
  regions: readonly Region[] = [],
): Named[] {
  const known = new Set(shown.map((one) => one.song));
  const others = near.flatMap((song) => {
    const place = known.has(song) ? null : placeOf(map, song);
    return place === null ? [] : [{ song, place, role: "near" as const }];
  });
  const label = ({ song, place, role }: Pick<Standout, "song" | "place"> & Pick<Caption, "role">): Named[] => {
    const name = nameOf(song);
    if (name === null) return [];
    const artist = name.artist === null ? null : shortened(name.artist);
    return [{ key: String(song), place, role, title: shortened(name.title), artist }];
  };
  return [...shown.flatMap(label), ...regionCaptions(regions), ...others.flatMap(label)];
}

/** Cut at a word where there is one near the end. */
export function shortened(text: string): string {
  const letters = [...text];
  if (letters.length <= LONGEST) return text;
  const cut = letters.slice(0, LONGEST - 1).join("");
  const space = cut.lastIndexOf(" ");
  return `${(space > LONGEST / 2 ? cut.slice(0, space) : cut).trimEnd()}…`;
}
