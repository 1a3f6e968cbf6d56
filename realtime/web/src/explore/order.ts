/** The list with the item at `from` moved to `to`; the same list when nothing moves. */
export function moved<T>(list: readonly T[], from: number, to: number): readonly T[] {
  const target = Math.max(0, Math.min(list.length - 1, to));
  const item = list[from];
  if (item === undefined || target === from) return list;
  return list.toSpliced(from, 1).toSpliced(target, 0, item);
}

/**
 * Where an item that is dragged to height `y` belongs, given the middles of all rows from top to
 * bottom as they stand now.
 */
export function dropAt(middles: readonly number[], from: number, y: number): number {
  const before = middles.filter((middle, at) => at !== from && middle < y).length;
  return Math.max(0, Math.min(middles.length - 1, before));
}
