import { describe, expect, it } from 'vitest';

import type { Manifest } from '../api/types';
import { madeAlert } from './made';
import { boxHolds, sightingOf } from './first-picture';

const later = madeAlert({ box: [0.1, 0.1, 0.8, 0.8], reason: 'still seen', confidence: 0.9 });
const manifest: Manifest = {
  event: { box: [0.1, 0.1, 0.2, 0.2], label: 'smoke', confidence: 0.55, reason: '3 of 5 looks' },
  film: { before_s: 4 },
};

describe('what was seen when the alert was raised', () => {
  it('is the manifest’s word, not the newest sighting', () => {
    expect(sightingOf(later, manifest)).toEqual({ ...manifest.event, filmBeforeS: 4 });
  });

  it('is the newest sighting until the manifest is there', () => {
    expect(sightingOf(later, null)).toMatchObject({
      box: later.box,
      reason: 'still seen',
      filmBeforeS: null,
    });
  });

  it.each([
    [4, true],
    [5.5, true],
    [0, false],
    [9, false],
  ])('holds at %d s of film: %s', (at, holds) => {
    expect(boxHolds(sightingOf(later, manifest), at)).toBe(holds);
  });

  it('holds throughout where nobody said when the film begins', () => {
    expect(boxHolds(sightingOf(later, null), 99)).toBe(true);
  });
});
