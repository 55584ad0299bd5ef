import { expect, it } from 'vitest';

import { clustersOf, coversAny } from './overlaps';

it('marks that lie over one another are one, and no mark is lost', () => {
  const marks = Array.from({ length: 200 }, (_, i) => ({ x: (i * 37) % 400, y: (i * 53) % 300 }));
  const clusters = clustersOf(marks, 90);
  expect(clusters.flat().sort((a, b) => a - b)).toEqual(marks.map((_, i) => i));
  expect(clusters.length).toBeLessThan(30);
  const firsts = clusters.map(([first]) => marks[first ?? 0]!);
  for (const a of firsts)
    for (const b of firsts)
      if (a !== b) expect(Math.hypot(a.x - b.x, a.y - b.y)).toBeGreaterThanOrEqual(90);
});

it('marks that are apart stand by themselves', () => {
  expect(
    clustersOf(
      [
        { x: 0, y: 0 },
        { x: 100, y: 0 },
      ],
      90,
    ),
  ).toEqual([[0], [1]]);
});

it('words give way to what lies under them', () => {
  const pin = { left: 100, top: 100, right: 300, bottom: 140 };
  expect(coversAny({ x: 90, y: 110 }, 60, [pin])).toBe(true);
  expect(coversAny({ x: 50, y: 110 }, 60, [pin])).toBe(false);
});
