/** The code by which a feature of a layer is found on the map and in the list beside it. Pure. */

import type { Around, NearLayer } from './nearby.svelte';

export interface LayerMark {
  readonly code: string;
  readonly kind: NearLayer['kind'] | 'facility';
  readonly lat: number;
  readonly lon: number;
}

/** `T1`, `T2` of the first kind's letter …: counted over all layers of one kind. */
export function codesOf(
  layers: readonly NearLayer[],
  letters: Readonly<Record<NearLayer['kind'], string>>,
): readonly (readonly string[])[] {
  const used = new Map<string, number>();
  return layers.map((layer) =>
    layer.items.map(() => {
      const number = (used.get(layer.kind) ?? 0) + 1;
      used.set(layer.kind, number);
      return `${letters[layer.kind]}${number}`;
    }),
  );
}

/** What stands somewhere; whom one only calls is in the list alone. */
export function marksOf(
  around: Around | null,
  letters: Readonly<Record<NearLayer['kind'], string>>,
): readonly LayerMark[] {
  if (around === null || typeof around === 'string') return [];
  const codes = codesOf(around, letters);
  return around.flatMap((layer, i) =>
    layer.kind === 'phone'
      ? []
      : layer.items.map(({ lat, lon }, j) => ({
          code: codes[i]?.[j] ?? '',
          kind: layer.kind,
          lat,
          lon,
        })),
  );
}
