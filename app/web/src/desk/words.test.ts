import { describe, expect, it } from 'vitest';

import { madeAlert } from '../alert/made';
import type { LogEntry } from '../api/types';
import { vi } from '../i18n/vi';
import {
  answerWithinS,
  firstTakenAfterS,
  countedSources,
  placeLine,
  titleOfIncident,
} from './words';

function entry(action: string, at: string): LogEntry {
  const details = {};
  return { action, at, actor: 'an', actor_name: 'An', reason: null, note: null, details };
}

describe('the place of an alert', () => {
  it.each([
    ['Hàng Bài', 'Phường Hoàn Kiếm', 'Hàng Bài · Phường\u00a0Hoàn\u00a0Kiếm'],
    ['Hàng Bài – phường Hoàn Kiếm', 'Phường Hoàn Kiếm', 'Hàng Bài – phường Hoàn Kiếm'],
    ['Hàng Bài', null, 'Hàng Bài'],
  ])('%s in %s', (name, place, line) => {
    expect(placeLine({ camera_name: name, place })).toBe(line);
  });
});

it('counts what tells of a row, by kind', () => {
  const signs = {
    camera: 'cam',
    device: 'tủ',
    call: 'gọi',
    message: 'tin',
    signal: 'ngành',
    site: 'đơn vị',
  };
  const counts = [
    { kind: 'camera', count: 2 },
    { kind: 'device', count: 1 },
    { kind: 'call', count: 1 },
  ] as const;
  expect(countedSources([...counts], signs)).toBe('2 cam 1 tủ 1 gọi');
  expect(countedSources([{ kind: 'call', count: 1 }], signs)).toBe('');
});

describe('how long an alert waited', () => {
  const alert = madeAlert({ raised_at: '2026-11-24T07:00:00.000Z' });

  it('is told by the first who took it, not by who got it later', () => {
    const log = [
      entry('opened', '2026-11-24T07:00:01.000Z'),
      entry('acknowledge', '2026-11-24T07:00:09.000Z'),
      entry('hand_over', '2026-11-24T07:05:00.000Z'),
      entry('acknowledge', '2026-11-24T07:09:00.000Z'),
    ];
    expect(firstTakenAfterS(alert, log)).toBe(9);
  });

  it('is not known before somebody took it', () =>
    expect(firstTakenAfterS(alert, [entry('opened', '2026-11-24T07:00:01.000Z')])).toBeNull());

  it('should be 15 seconds for what is urgent', () => {
    expect(answerWithinS(alert)).toBe(15);
    expect(answerWithinS(madeAlert({ priority: 2 }))).toBe(60);
  });
});

it.each([
  [{ state: 'verifying', kinds: ['camera', 'device'] }, 'Nghi cháy'],
  [{ state: 'new', kinds: ['camera', 'call'] }, 'Cháy'],
  [{ state: 'confirmed', kinds: ['camera'] }, 'Cháy'],
])('fire that machines alone tell of is suspected: %o', (of, title) => {
  expect(titleOfIncident({ kind: 'fire', ...of }, vi)).toBe(title);
});
