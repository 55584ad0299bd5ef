import { describe, expect, it } from 'vitest';

import { put, replaceAll, type Book } from './book';
import { madeAlert } from './made';

const a1 = madeAlert({ id: 'a', version: 1 });
const a2 = { ...a1, version: 2, state: 'acknowledged' as const };
const empty: Book = new Map();
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

  it('lets a change that came during the reload win over the list', () => {
    expect(versionOf(replaceAll(put(empty, a2, 9), [a1], 5))).toBe(2);
  });
});
