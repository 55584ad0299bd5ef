import { describe, expect, it } from 'vitest';

import { clearOfWords } from './clear-of-words';

const NAME = { left: 80, top: 80, right: 400, bottom: 120 };

describe('codes of what is near an alert', () => {
  it('stay where nothing is written', () => {
    const points = [
      { x: 20, y: 100 },
      { x: 200, y: 300 },
    ];
    expect(clearOfWords(points, [NAME])).toEqual(points);
  });

  it('stand above or below the words that would cover them', () => {
    const [upper, lower] = clearOfWords(
      [
        { x: 200, y: 90 },
        { x: 300, y: 115 },
      ],
      [NAME],
    );
    expect(upper).toEqual({ x: 200, y: 69 });
    expect(lower).toEqual({ x: 300, y: 131 });
  });

  it('at one corner stand beside each other', () => {
    const corner = { x: 200, y: 90 };
    const placed = clearOfWords([corner, corner, corner], [NAME]);
    expect(new Set(placed.map(({ x, y }) => `${x} ${y}`)).size).toBe(3);
    expect(placed.every(({ y }) => y <= 69 || y >= 131)).toBe(true);
  });

  it('stay where there is no room', () => {
    const everywhere = { left: -1e6, top: -1e6, right: 1e6, bottom: 1e6 };
    expect(clearOfWords([{ x: 1, y: 2 }], [everywhere, everywhere])).toHaveLength(1);
  });
});
