import { beforeEach, describe, expect, it, vi } from 'vitest';

vi.hoisted(() => vi.stubGlobal('localStorage', { getItem: () => null }));

import { checkPlace, drawEach } from './each-mark';

describe('marks of the map', () => {
  beforeEach(() => {
    vi.spyOn(console, 'error').mockImplementation(() => undefined);
  });

  it('are drawn although one of them cannot be', () => {
    const seen: number[] = [];
    const good = drawEach([1, 2, 3], (mark) => {
      if (mark === 2) throw new Error('nonsense');
      seen.push(mark);
    });
    expect(seen).toEqual([1, 3]);
    expect(good).toEqual([1, 3]);
    expect(console.error).toHaveBeenCalledOnce();
  });

  it.each([
    [21.03, 105.85, true],
    [-90, 180, true],
    [Number.NaN, 105.85, false],
    [1e9, 105.85, false],
    [21.03, 1e9, false],
    ['nonsense' as unknown as number, 105.85, false],
    [null as unknown as number, 105.85, false],
  ])('at %s %s: %s', (lat, lon, isOne) => {
    const check = () => checkPlace({ lat, lon });
    if (isOne) expect(check).not.toThrow();
    else expect(check).toThrow(RangeError);
  });
});
