import { describe, expect, it } from 'vitest';

import { codesOf, marksOf } from './layer-marks';
import type { NearLayer } from './nearby.svelte';

const LETTERS = { hydrant: 'T', station: 'Đ', access: 'L', phone: 'S' };

function layer(kind: NearLayer['kind'], count: number): NearLayer {
  const item = { name: null, phone: null, note: null, lat: 21, lon: 105, distance_m: 1 };
  const items = Array.from({ length: count }, () => item);
  return { id: kind, kind, name: kind, within_m: 100, is_readable: true, items };
}

describe('codes of what stands near', () => {
  it('go on over layers of one kind', () => {
    const layers = [layer('hydrant', 2), layer('station', 1), layer('hydrant', 1)];
    expect(codesOf(layers, LETTERS)).toEqual([['T1', 'T2'], ['Đ1'], ['T3']]);
  });

  it('stand on the map as in the list, but for numbers to call', () => {
    const marks = marksOf([layer('phone', 2), layer('access', 1)], LETTERS);
    expect(marks).toEqual([{ code: 'L1', kind: 'access', lat: 21, lon: 105 }]);
    expect(marksOf('failed', LETTERS)).toEqual([]);
    expect(marksOf(null, LETTERS)).toEqual([]);
  });
});
