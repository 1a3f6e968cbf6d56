import type { Role } from "./focus";
import { layOut, type Box, type Placed, type Side, type Wish } from "./labels";

/** A label's words. */
export interface Caption {
  readonly key: string;
  readonly title: string;
  readonly artist: string | null;
  readonly role: Role | "near" | "live" | "region";
}

/** Where what it names is seen. */
export interface Anchored extends Caption {
  readonly x: number;
  readonly y: number;
  readonly away: number;
}

interface Tag {
  readonly element: HTMLElement;
  readonly words: string;
  readonly width: number;
  readonly height: number;
}

/** The name of a region lies over it. */
const REGION_SIDES: readonly Side[] = ["middle", "above", "below"];

/** Labels as elements over the canvas, each made and measured once for as long as it is wanted. */
export class LabelLayer {
  readonly #layer: HTMLElement;
  readonly #tags = new Map<string, Tag>();
  #sides = new Map<string, Side>();

  constructor(layer: HTMLElement) {
    this.#layer = layer;
  }

  /** Shows those of the labels, the first ones first, that have room. */
  show(
    captions: readonly Anchored[],
    view: { readonly width: number; readonly height: number },
    obstacles: readonly Box[],
  ): void {
    const wishes = captions.map((caption): Wish => ({
      ...caption,
      ...this.#measured(caption),
      ...(caption.role === "region" && { sides: REGION_SIDES }),
    }));
    const placed = new Map(layOut(wishes, view, this.#sides, obstacles).map((one) => [one.key, one]));
    this.#sides = new Map([...placed.values()].map(({ key, side }) => [key, side]));
    const wanted = new Set(captions.map((caption) => caption.key));
    for (const [key, tag] of this.#tags) {
      if (wanted.has(key)) move(tag.element, placed.get(key));
      else this.#remove(key, tag);
    }
  }

  /** Forgets all sizes: the letters may have another size now. */
  clear(): void {
    for (const [key, tag] of this.#tags) this.#remove(key, tag);
  }

  #remove(key: string, { element }: Tag): void {
    element.remove();
    this.#tags.delete(key);
  }

  #measured(caption: Caption): Tag {
    const words = `${caption.role}\n${caption.title}\n${caption.artist ?? ""}`;
    const known = this.#tags.get(caption.key);
    if (known?.words === words) return known;
    if (known !== undefined) this.#remove(caption.key, known);
    const element = write(caption);
    this.#layer.append(element);
    const tag = { element, words, width: element.offsetWidth, height: element.offsetHeight };
    this.#tags.set(caption.key, tag);
    return tag;
  }
}

function write({ key, title, artist, role }: Caption): HTMLElement {
  const element = document.createElement("div");
  element.className = "map-label";
  element.dataset["role"] = role;
  element.dataset["label"] = key;
  const name = document.createElement("span");
  name.textContent = title;
  element.append(name);
  if (artist !== null && role !== "near") {
    const by = document.createElement("small");
    by.textContent = artist;
    element.append(by);
  }
  return element;
}

function move(element: HTMLElement, placed: Placed | undefined): void {
  element.dataset["shown"] = String(placed !== undefined);
  if (placed === undefined) return;
  element.style.transform = `translate(${placed.left.toFixed(1)}px, ${placed.top.toFixed(1)}px)`;
  element.dataset["side"] = placed.side;
}
