import { expect, test } from 'vitest';

import { inLine } from './still-line';

test('three load at once, the others in their order, and who leaves makes room', () => {
  const begun: number[] = [];
  const ends: (() => void)[] = [];
  const leaves = [0, 1, 2, 3, 4, 5].map((number) =>
    inLine((done) => {
      begun.push(number);
      ends.push(done);
    }),
  );
  expect(begun).toEqual([0, 1, 2]);
  leaves[3]?.();
  ends[1]?.();
  ends[1]?.();
  expect(begun).toEqual([0, 1, 2, 4]);
  leaves[0]?.();
  expect(begun).toEqual([0, 1, 2, 4, 5]);
});
