import { expect, it } from 'vitest';

import { reachAt, roomsBeside } from './clear-of';

it('stays beside what lies over the map, or above it', () => {
  const picture = { at: 'bottom', width: 600, height: 400 } as const;
  expect(roomsBeside([])).toEqual([{ left: 0, top: 0, bottom: 0 }]);
  expect(roomsBeside([{ at: 'top', width: 0, height: 0 }])).toEqual(roomsBeside([]));
  expect(roomsBeside([picture])).toEqual([
    { left: 600, top: 0, bottom: 0 },
    { left: 0, top: 0, bottom: 400 },
  ]);
  expect(roomsBeside([picture, { at: 'top', width: 420, height: 90 }])).toEqual([
    { left: 600, top: 0, bottom: 0 },
    { left: 600, top: 90, bottom: 0 },
    { left: 420, top: 0, bottom: 400 },
    { left: 0, top: 90, bottom: 400 },
  ]);
});

it('tells how far something reaches over the map at a height', () => {
  const picture = { at: 'bottom', width: 600, height: 400 } as const;
  const areas = { at: 'top', width: 420, height: 90 } as const;
  const reaches = [50, 300, 700].map((y) => reachAt([picture, areas], y, 1000));
  expect(reaches).toEqual([420, 0, 600]);
});
