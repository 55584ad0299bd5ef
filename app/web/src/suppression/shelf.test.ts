import { describe, expect, it } from 'vitest';

import { madeAlert } from '../alert/made';
import { reachesOf, shelvingOf } from './shelf';

const NOW = Date.parse('2026-11-24T07:00:00.000Z');
const WANTED = { reason: ' khói bếp ', minutes: 30, coversP1: false, isAsked: false } as const;

describe('laying aside', () => {
  const alert = madeAlert({ camera: 'cam', rule: 'smoke', zone: 'yard' });

  it('reaches a zone only where there is one', () => {
    expect(reachesOf(alert)).toEqual(['rule', 'zone', 'camera']);
    expect(reachesOf({ ...alert, zone: null })).toEqual(['rule', 'camera']);
  });

  it.each([
    ['rule', { rule: 'smoke', zone: null }],
    ['zone', { rule: null, zone: 'yard' }],
    ['camera', { rule: null, zone: null }],
  ] as const)('a %s', (reach, where) => {
    expect(shelvingOf(alert, { ...WANTED, reach }, NOW)).toMatchObject({
      ...where,
      camera: 'cam',
      reason: 'khói bếp',
      until: NOW / 1000 + 1800,
    });
  });
});
