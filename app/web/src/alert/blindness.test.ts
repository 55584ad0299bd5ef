import { describe, expect, it } from 'vitest';

import { blindnessOf, isProofLate, isSeeing, sightOf } from './blindness';

const counts = (cameras_online: number, cameras_total = 5) => ({ cameras_online, cameras_total });

it.each([
  [null, true],
  [1_000_000 - 660_001, true],
  [1_000_000 - 660_000, false],
  [1_000_000, false],
])('a self-test that came through at %s is late: %s', (proven, late) => {
  expect(isProofLate(proven, 1_000_000)).toBe(late);
});

describe('what may be said about the sight', () => {
  it.each([
    [null, 0, { kind: 'unknown' }],
    [counts(0, 0), 0, { kind: 'no_camera' }],
    [counts(4), 1, { kind: 'blind', blind: 1, online: 4, total: 5 }],
    [counts(4), 0, { kind: 'blind', blind: 1, online: 4, total: 5 }],
    [counts(0), 5, { kind: 'blind', blind: 5, online: 0, total: 5 }],
    [counts(5), 2, { kind: 'blind', blind: 2, online: 3, total: 5 }],
    [counts(5), 0, { kind: 'seeing', online: 5, total: 5 }],
  ])('%o with %i known blind', (told, blind, sight) => expect(sightOf(told, blind)).toEqual(sight));

  it.each([
    ['online', null, true, 'online'],
    ['online', 'ok', true, 'ok'],
    ['online', 'frozen', false, 'frozen'],
    ['stalled', 'ok', false, 'stalled'],
    ['unwatched', null, false, 'unwatched'],
    ['a state of tomorrow', null, false, 'a state of tomorrow'],
  ])('a camera %s with picture %s', (state, picture, seeing, word) => {
    expect(isSeeing({ state, picture })).toBe(seeing);
    expect(blindnessOf({ state, picture })).toBe(word);
  });
});
