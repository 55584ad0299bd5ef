import { expect, it } from 'vitest';

import { LEAST_NAME, LONGEST_NAME, namePlaces } from './name-places';

const whole = { side: 'right', room: LONGEST_NAME } as const;

it('a name stands to the right, and ends before the next mark', () => {
  const marks = [
    { x: 100, y: 100 },
    { x: 300, y: 110 },
    { x: 120, y: 400 },
  ];
  expect(namePlaces(marks)).toEqual([{ side: 'right', room: 108 }, whole, whole]);
});

it('the graver name alone is written where two pins stand in one place of the picture', () => {
  const marks = [
    { x: 503, y: 120 },
    { x: 500, y: 132 },
    { x: 500, y: 300 },
  ];
  expect(namePlaces(marks)).toEqual([whole, null, whole]);
});

it('a name that would be cut to a letter stands to the left', () => {
  const marks = [
    { x: 400, y: 100 },
    { x: 500, y: 100 },
  ];
  expect(namePlaces(marks)).toEqual([{ side: 'left', room: LONGEST_NAME }, whole]);
  expect(namePlaces(marks, () => 300)).toEqual([null, whole]); // something lies over the map there
});

it('in a row of close pins the ends are named, and no name is cut or lies over another', () => {
  const row = Array.from({ length: 4 }, (_, i) => ({ x: 400 + 90 * i, y: 100 }));
  expect(namePlaces(row)).toEqual([{ side: 'left', room: LONGEST_NAME }, null, null, whole]);
  const wider = row.map(({ x, y }, i) => ({ x: x + 92 * i, y }));
  for (const place of namePlaces(wider))
    expect(place?.room ?? LEAST_NAME).toBeGreaterThanOrEqual(LEAST_NAME);
});

it('what is written to the right is not written over from the other side', () => {
  const marks = [
    { x: 100, y: 100 },
    { x: 400, y: 100 },
    { x: 500, y: 100 },
  ];
  // Between the first two there is room for one name: the graver pin's.
  expect(namePlaces(marks)).toEqual([{ side: 'right', room: 208 }, null, whole]);
});

it('to a P1 lesser marks give way: its name and its age are written', () => {
  const marks = [300, 400, 200].map((x) => ({ x, y: 100 }));
  expect(namePlaces(marks)[0]).toBeNull();
  expect(namePlaces(marks, () => 0, 1)[0]).toEqual(whole);
});
