import { describe, expect, it } from 'vitest';

import { judge, OLD_MS, STUCK_MS, versionOf } from './watchdog';

const WELL = {
  now: 1_000_000,
  startedAt: 0,
  brokenSince: null,
  cutSince: null,
  centreAnswers: true,
  newVersion: false,
  openUrgent: false,
};

describe('the watchdog of a wall', () => {
  it.each([
    ['stay', {}],
    ['stay', { cutSince: WELL.now - STUCK_MS + 1 }],
    ['stuck', { cutSince: WELL.now - STUCK_MS }],
    ['stuck', { cutSince: WELL.now - STUCK_MS, openUrgent: true }],
    ['stay', { brokenSince: WELL.now - STUCK_MS + 1 }],
    ['broken', { brokenSince: WELL.now - STUCK_MS, openUrgent: true }],
    ['stay', { brokenSince: 0, centreAnswers: false }],
    ['stay', { cutSince: 0, centreAnswers: false }],
    ['new_version', { newVersion: true }],
    ['stay', { newVersion: true, openUrgent: true }],
    ['stay', { newVersion: true, centreAnswers: false }],
    ['old_page', { now: OLD_MS }],
    ['stay', { now: OLD_MS, openUrgent: true }],
  ] as const)('says %s to %o', (verdict, change) => {
    expect(judge({ ...WELL, ...change })).toBe(verdict);
  });

  it('tells one build from another', () => {
    const page = '<link rel="icon" href="/icon.svg"><script src="/assets/index-AbC.js"></script>';
    expect(versionOf(page)).toBe('/assets/index-AbC.js');
    expect(versionOf(page.replace('AbC', 'XyZ'))).not.toBe(versionOf(page));
  });
});
