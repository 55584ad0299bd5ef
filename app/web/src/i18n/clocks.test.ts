/** Times of several machines stand beside each other: each says by whose clock it is. */

import { describe, expect, it } from 'vitest';

import { en } from './en';
import { vi } from './vi';

describe.each([
  ['vi', vi, /giờ (máy phát hiện|máy phân tích|hàng đợi|trung tâm|bàn trực)\)/],
  ['en', en, /(machine|worker|queue|centre|desk)’s clock\)/],
] as const)('in %s', (_, words, clock) => {
  it.each(Object.entries(words.stepClock.steps))('the step %s names its clock', (_step, said) => {
    expect(said).toMatch(clock);
  });

  it.each(['raised', 'lastSeen', 'clearedAt', 'closed'] as const)(
    'the fact %s of an alert names its clock',
    (name) => {
      expect(words.alertPage[name]).toMatch(clock);
    },
  );

  it('both logs name theirs, and none says "detected" at the time it was taken in', () => {
    expect(words.log.title).toMatch(clock);
    expect(words.incidents.log).toMatch(clock);
    expect(words.logActions('opened')).not.toMatch(/^(Máy phát hiện|Detected)/);
  });

  it('sources of an incident name theirs', () => {
    expect(words.incidents.machineClock).toMatch(clock);
    expect(words.incidents.centreClock).toMatch(clock);
  });
});

it.each([
  [8, '8 giây'],
  [512, '8 phút'],
  [7300, '2 giờ'],
  [172_800, '2 ngày'],
])('%i seconds ago are spoken, and look like no clock', (seconds, said) => {
  expect(vi.span(seconds)).toBe(said);
  expect(vi.map.staleUnit(vi.span(seconds))).toBe(`vị trí cách đây ${said}`);
  expect(en.span(seconds)).not.toContain(':');
});
