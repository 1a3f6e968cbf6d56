import type { Theme } from "../sound/palette";

/** Categories beyond these share one grey: more colours than ten are not told apart. */
export const MOST_CATEGORIES = 10;

/** Key of the songs of all other categories, and of those without one. */
export const OTHERS = "others";

/**
 * Colours of categories, the largest category first. They began as those of Okabe and Ito ("Color
 * Universal Design", 2008) and were moved apart by simulated annealing until every pair, and every
 * pair with `OTHERS_COLOUR`, keeps its distance in OKLab to all eyes: usual ones, and those without
 * red, green or blue cones as simulated by Machado, Oliveira and Fernandes (2009). All have a
 * contrast of 3 : 1 or more with the page. Both themes keep the same order of hues.
 */
export const CATEGORY_COLOURS: Readonly<Record<Theme, readonly string[]>> = {
  night: [
    "#f3aa02",
    "#46b9ef",
    "#b75fb9",
    "#b03d23",
    "#2584fb",
    "#f0e633",
    "#43f5ae",
    "#7e9709",
    "#b5a4a2",
    "#dcfdfe",
  ],
  day: [
    "#a1871f",
    "#388cef",
    "#450793",
    "#96131a",
    "#345596",
    "#a05723",
    "#69154c",
    "#627872",
    "#cc52ba",
    "#171a14",
  ],
};

export const OTHERS_COLOUR: Readonly<Record<Theme, string>> = { night: "#5f7075", day: "#97a29e" };

/** Colour of a category by its rank in the legend, from 0; grey beyond the tenth and for -1. */
export function categoryColour(rank: number, theme: Theme): string {
  return CATEGORY_COLOURS[theme][rank] ?? OTHERS_COLOUR[theme];
}
