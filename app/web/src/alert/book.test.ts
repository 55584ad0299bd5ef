import { describe, expect, it } from 'vitest';

import { MOST_CLOSED_KEPT, putAll, replaceAll, trimmed, type Book } from './book';
import type { Alert } from '../api/types';
import { madeAlert } from './made';

const a1 = madeAlert({ id: 'a', version: 1 });
const a2 = { ...a1, version: 2, state: 'acknowledged' as const };
const empty: Book = new Map();
const put = (book: Book, alert: Alert, seq = 0) => putAll(book, [{ alert, seq }]);
const versionOf = (book: Book, id = 'a') => book.get(id)?.alert.version;

describe('the book of alerts', () => {
  it('never lets an older copy replace a newer one, whichever way it came', () => {
    expect(versionOf(put(put(empty, a2, 5), a1, 4))).toBe(2);
    expect(versionOf(put(put(empty, a2), a1, 9))).toBe(2);
    expect(versionOf(put(put(empty, a1, 4), a2))).toBe(2);
  });

  it('takes a later change that kept the version', () => {
    const seen = { ...a1, detections: 9 };
    expect(put(put(empty, a1, 4), seen, 5).get('a')?.alert.detections).toBe(9);
    expect(put(put(empty, seen, 5), a1).get('a')?.alert.detections).toBe(9);
  });

  it('gives the very same book back when nothing is new', () => {
    const book = put(empty, a2, 5);
    expect(put(book, a1, 4)).toBe(book);
  });

  it('reloads: the unlisted are gone, save what came while it was loading', () => {
    const book = put(
      put(put(empty, a1, 3), madeAlert({ id: 'gone' }), 4),
      madeAlert({ id: 'fresh' }),
      8,
    );
    const reloaded = replaceAll(book, [a2], 5);
    expect([...reloaded.keys()].sort()).toEqual(['a', 'fresh']);
    expect(versionOf(reloaded)).toBe(2);
  });

  it('does not grow for ever with what was closed while the screen stood', () => {
    const closed = (count: number): Book =>
      new Map(
        Array.from({ length: count }, (_, minute) => {
          const raised_at = new Date(60_000 * minute).toISOString();
          const alert = madeAlert({ id: `c${minute}`, state: 'closed', raised_at });
          return [alert.id, { alert, seq: minute }] as const;
        }),
      );
    const burns = madeAlert({
      id: 'burns',
      state: 'closed',
      verdict_by: { username: 'an', name: 'An' },
    });
    const many = put(put(closed(2 * MOST_CLOSED_KEPT), a1, 1), burns, 2);
    const kept = trimmed(many, () => new Set(['c7']));
    expect([...kept.keys()].filter((id) => id.startsWith('c')).length).toBe(MOST_CLOSED_KEPT + 1);
    expect(['a', 'burns', 'c7'].every((id) => kept.has(id))).toBe(true);
    expect([kept.has('c8'), kept.has(`c${2 * MOST_CLOSED_KEPT - 1}`)]).toEqual([false, true]);
    const few = closed(MOST_CLOSED_KEPT);
    expect(trimmed(few, () => new Set())).toBe(few);
  });

  it('lets a change that came during the reload win over the list', () => {
    expect(versionOf(replaceAll(put(empty, a2, 9), [a1], 5))).toBe(2);
  });
});
