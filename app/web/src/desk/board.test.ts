import { describe, expect, it } from 'vitest';

import {
  EMPTY_BOARD,
  REST_MS,
  isHandOn,
  letInFirst,
  neighbour,
  reselect,
  settle,
  type Row,
} from './board';

const fresh = (...ids: string[]): Row[] => ids.map((id) => ({ id, group: 'unanswered' }));
const ids = (rows: readonly Row[]) => rows.map((row) => row.id);

describe('what is seen', () => {
  it('takes what comes while it is empty, whatever the hand does', () => {
    expect(ids(settle(EMPTY_BOARD, fresh('a'), true).rows)).toEqual(['a']);
  });

  it('does not move by itself', () => {
    const board = settle(EMPTY_BOARD, fresh('a', 'b'), false);
    const later = settle(board, [...fresh('c', 'b'), { id: 'a', group: 'working' }], true);
    expect(ids(later.rows)).toEqual(['a', 'b']);
    expect(later.held).toEqual(['c']);
  });

  it('lets the held rows in, in order, when it may move', () => {
    const board = settle(settle(EMPTY_BOARD, fresh('a'), false), fresh('c', 'a'), true);
    const rested = settle(board, fresh('c', 'a'), false);
    expect(ids(rested.rows)).toEqual(['c', 'a']);
    expect(rested.held).toEqual([]);
  });

  it('keeps a row that left the list where it was, and counts it', () => {
    const board = settle(EMPTY_BOARD, fresh('a', 'b'), false);
    const still = settle(board, fresh('b'), true);
    expect([ids(still.rows), still.left]).toEqual([['a', 'b'], 1]);
    expect(ids(settle(board, fresh('b'), false).rows)).toEqual(['b']);
  });

  it('says which answered rows came back unanswered', () => {
    const board = settle(EMPTY_BOARD, [...fresh('a'), { id: 'b', group: 'working' }], false);
    expect(settle(board, fresh('a', 'b'), true).returned).toEqual(['b']);
  });

  it('does not let held rows go when one of them is answered elsewhere', () => {
    const board = settle(settle(EMPTY_BOARD, fresh('a'), false), fresh('c', 'd', 'a'), true);
    expect(settle(board, fresh('d', 'a'), true).held).toEqual(['d']);
  });
});

describe('what is let in', () => {
  it('is the first in triage order, whether it came or came back', () => {
    const board = settle(EMPTY_BOARD, [...fresh('a'), { id: 'b', group: 'working' }], false);
    const wanted = fresh('a', 'b', 'c');
    expect(letInFirst(settle(board, wanted, true), wanted)).toBe('b');
    expect(letInFirst(settle(board, fresh('c', 'a'), true), fresh('c', 'a'))).toBe('c');
    expect(letInFirst(board, fresh('a'))).toBeNull();
  });
});

describe('the hand', () => {
  const rested = { lastTouchAt: 0, busy: false };
  it.each([
    [{ ...rested }, REST_MS, false],
    [{ ...rested }, REST_MS - 1, true],
    [{ ...rested, busy: true }, REST_MS * 9, true],
  ])('%o', (hand, now, on) => expect(isHandOn(hand, now)).toBe(on));
});

describe('the selection', () => {
  const board = settle(EMPTY_BOARD, fresh('a', 'b', 'c'), false);

  it('begins at the first row and follows it until a row is chosen', () => {
    expect(reselect(board, null, false)).toBe('a');
    expect(reselect(board, 'b', false)).toBe('a');
    expect(reselect(board, 'b', true)).toBe('b');
    expect(reselect(board, 'gone', true)).toBe('a');
    expect(reselect(EMPTY_BOARD, 'gone', true)).toBeNull();
  });

  it('moves by one and stays inside', () => {
    expect(neighbour(board, 'a', 1)).toBe('b');
    expect(neighbour(board, 'a', -1)).toBe('a');
    expect(neighbour(board, 'c', 1)).toBe('c');
    expect(neighbour(board, 'gone', 1)).toBe('a');
  });
});
