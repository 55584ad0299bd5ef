import { describe, expect, it } from 'vitest';

import { at, directionOf, turns, way } from './keys';

describe('keys that turn a camera', () => {
  it('add up, and two that are opposed stand still', () => {
    expect(directionOf(['ArrowLeft', 'ArrowUp'])).toEqual(way(-1, 1));
    expect(directionOf(['ArrowLeft', 'ArrowRight'])).toEqual(way(0, 0));
    expect(directionOf(['+', 'PageUp'])).toEqual(way(0, 0, 1));
  });

  it('are few: others turn nothing', () => {
    expect(directionOf([])).toBeNull();
    expect(directionOf(['a', 'Enter', 'toString'])).toBeNull();
    expect(turns('toString')).toBe(false);
    expect(turns('-')).toBe(true);
  });

  it('turn at the chosen speed', () => {
    expect(at(way(-1, 1), 0.5)).toEqual(way(-0.5, 0.5, 0));
  });
});
