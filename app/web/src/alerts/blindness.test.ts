import { describe, expect, it } from 'vitest';

import { isSeeing, sightOf } from './blindness';

describe('what may be said about the sight', () => {
  it.each([
    [null, 'unknown'],
    [{ cameras_total: 0, cameras_online: 0 }, 'no_camera'],
    [{ cameras_total: 5, cameras_online: 4 }, 'blind'],
    [{ cameras_total: 5, cameras_online: 0 }, 'blind'],
    [{ cameras_total: 5, cameras_online: 5 }, 'seeing'],
  ])('%o is %s', (counts, kind) => expect(sightOf(counts).kind).toBe(kind));

  it.each([
    ['online', true],
    ['stalled', false],
    ['frozen', false],
    ['a state of tomorrow', false],
  ])('a camera that is %s: %s', (state, seeing) => expect(isSeeing({ state })).toBe(seeing));
});
