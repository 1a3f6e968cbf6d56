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
 * contrast of 3 : 1 or more with the page.
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
    "#c7730f",
    "#754eed",
    "#389b84",
    "#c92f2c",
    "#a751a2",
    "#4026cb",
    "#007163",
    "#961f27",
    "#7a348d",
    "#151c1e",
  ],
};

export const OTHERS_COLOUR: Readonly<Record<Theme, string>> = { night: "#5f7075", day: "#a3ada9" };

/** Colour of a category by its rank in the legend, from 0; grey beyond the tenth and for -1. */
export function categoryColour(rank: number, theme: Theme): string {
  return CATEGORY_COLOURS[theme][rank] ?? OTHERS_COLOUR[theme];
}
