/** Agencies and areas of the registry: areas as a tree, and where one may be moved. Pure. */

export interface Named {
  readonly id: string;
  readonly name: string;
  readonly phone?: string;
  readonly parent?: string;
}

export interface TreeRow<T> {
  readonly item: T;
  readonly depth: number;
}

/** Each below the one in which it lies, by name; what lies in nothing known, or in a circle, is at the top. */
export function treeOf<T extends Named>(items: readonly T[]): readonly TreeRow<T>[] {
  const ids = new Set(items.map((item) => item.id));
  const below = new Map<string, T[]>();
  const sorted = [...items].sort((a, b) => a.name.localeCompare(b.name, 'vi'));
  for (const item of sorted)
    if (item.parent) below.set(item.parent, [...(below.get(item.parent) ?? []), item]);
  const rows: TreeRow<T>[] = [];
  const seen = new Set<string>();
  const add = (item: T, depth: number): void => {
    if (seen.has(item.id)) return;
    seen.add(item.id);
    rows.push({ item, depth });
    for (const child of below.get(item.id) ?? []) add(child, depth + 1);
  };
  for (const item of sorted) if (!item.parent || !ids.has(item.parent)) add(item, 0);
  for (const item of sorted) add(item, 0);
  return rows;
}

/** Where an area may lie: neither in itself nor in what lies in it. */
export function parentsFor<T extends Named>(items: readonly T[], id: string | null): readonly T[] {
  const parents = new Map(items.map((item) => [item.id, item.parent]));
  return items.filter((item) => {
    const seen = new Set<string>();
    for (let here: string | undefined = item.id; here; here = parents.get(here)) {
      if (here === id) return false;
      if (seen.has(here)) break;
      seen.add(here);
    }
    return true;
  });
}
