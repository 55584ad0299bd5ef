import { expect, test } from 'vitest';

import { addressOf, askedOf, boxBetween, lastHour, narrowed, queryOf, settled } from './query';

const NOW = Date.parse('2026-11-26T10:00:30Z');
const WHOLE = settled({
  ...lastHour(NOW),
  things: ['car', 'bus'],
  colour: 'red',
  cameras: ['cam-1'],
  area: 'hoan-kiem',
  line: 'gate',
  side: 'inside',
  box: [0.1, 0.2, 0.3, 0.4],
});

test('a search in the address is the same search again', () => {
  expect(queryOf(addressOf(WHOLE), NOW)).toEqual(WHOLE);
  expect(queryOf('', NOW)).toEqual(lastHour(NOW));
});

test('nonsense in an address is left out', () => {
  const found = queryOf('?from=x&to=5&class=face&colour=pink&box=1,2&side=up&camera=', NOW);
  expect(found).toEqual(lastHour(NOW));
});

test('a line and a box go with their one camera, a colour with vehicles that have one', () => {
  const two = settled({ ...WHOLE, cameras: ['cam-1', 'cam-2'] });
  expect([two.line, two.side, two.box]).toEqual(['', '', null]);
  expect(settled({ ...WHOLE, line: '' }).side).toBe('');
  expect(settled({ ...WHOLE, things: ['motorcycle'] }).colour).toBe('');
  expect(settled({ ...WHOLE, things: [] }).colour).toBe('red');
});

test('the centre is asked in its own words', () => {
  expect(askedOf(WHOLE, 'c')).toMatchObject({
    class: ['car', 'bus'],
    from: WHOLE.from / 1000,
    direction: 'inside',
    box: '0.100,0.200,0.300,0.400',
    cursor: 'c',
  });
  expect(askedOf({ ...WHOLE, side: '' }, null)).toMatchObject({ direction: null, cursor: null });
});

test('a part of the axis is a shorter period within it, of a minute at least', () => {
  const part = narrowed({ ...WHOLE, from: 0, to: 96 * 900_000 }, 3);
  expect([part.from, part.to]).toEqual([2_700_000, 3_600_000]);
  const least = narrowed(WHOLE, 0);
  expect(least.to - least.from).toBe(60_000);
});

test('a box is drawn from any corner, and a mere press draws none', () => {
  expect(boxBetween({ x: 0.5, y: 0.6 }, { x: 0.2, y: 1.4 })).toEqual([0.2, 0.6, 0.5, 1]);
  expect(boxBetween({ x: 0.5, y: 0.5 }, { x: 0.51, y: 0.9 })).toBeNull();
});
