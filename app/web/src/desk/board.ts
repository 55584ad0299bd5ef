/**
 * The list as an officer reads it. Rows that are shown keep their places until the officer lets the
 * list move; what came meanwhile waits in the held strip. A P1 alone comes in by itself, while nobody
 * is at work. Pure.
 */

import type { Group } from '../alert/triage';

/** Without a key for this long nobody is at work. */
export const REST_MS = 10_000;

/** A key pressed sooner than this after the selection moved by itself was meant for the row before. */
export const GUARD_MS = 500;
/** So long a proposal is shown before a press signs it: a second Enter was not meant for it. */
export const READ_MS = 1000;

export interface Row {
  readonly id: string;
  /** Where it stood when it was placed; it may have changed since. */
  readonly group: Group;
}

export interface Board {
  /** The rows on screen, top to bottom. */
  readonly rows: readonly Row[];
  /** Came since the list last moved, in triage order. */
  readonly held: readonly string[];
  /** Still shown where they were answered, but nobody has them any more. */
  readonly returned: readonly string[];
  /** How many rows are still shown that no longer belong to the list. */
  readonly left: number;
}

export const EMPTY_BOARD: Board = { rows: [], held: [], returned: [], left: 0 };

/** The board after the world became `wanted` (in triage order); `still`: no row may move. */
export function settle(board: Board, wanted: readonly Row[], still: boolean): Board {
  if (!still || board.rows.length === 0) return { ...EMPTY_BOARD, rows: wanted };
  const placed = new Map(board.rows.map((row) => [row.id, row.group]));
  const now = new Set(wanted.map((row) => row.id));
  return {
    left: board.rows.filter((row) => !now.has(row.id)).length,
    rows: board.rows,
    held: wanted.filter((row) => !placed.has(row.id)).map((row) => row.id),
    returned: wanted
      .filter(
        (row) => row.group === 'unanswered' && (placed.get(row.id) ?? row.group) !== row.group,
      )
      .map((row) => row.id),
  };
}

/** The board after alerts joined incidents: a row is its incident's, where the first of it stands. */
export function rekeyed(
  board: Board,
  rowOf: (id: string) => string,
  isKnown: (id: string) => boolean,
): Board {
  const rows = new Map<string, Row>();
  for (const row of board.rows) {
    const id = rowOf(row.id);
    if (!rows.has(id) && isKnown(id)) rows.set(id, { ...row, id });
  }
  return { ...board, rows: [...rows.values()] };
}

/** What "let them in" puts on the list, the first in triage order first. */
export function letInFirst(board: Board, wanted: readonly Row[]): string | null {
  const waiting = new Set([...board.held, ...board.returned]);
  return wanted.find((row) => waiting.has(row.id))?.id ?? null;
}

export interface Hand {
  readonly lastTouchAt: number;
  /** A menu, a dialog or the search field is open, rows are picked, or a command is on its way. */
  readonly busy: boolean;
}

export function isHandOn(hand: Hand, now: number): boolean {
  return hand.busy || now - hand.lastTouchAt < REST_MS;
}

/** The row to select once the board has settled. */
export function reselect(board: Board, selected: string | null, chosen: boolean): string | null {
  const first = board.rows[0]?.id ?? null;
  if (selected === null) return first;
  const shown = board.rows.some((row) => row.id === selected);
  return shown && chosen ? selected : first;
}

/** The neighbour of a row, staying inside the list. */
export function neighbour(
  board: { readonly rows: readonly { readonly id: string }[] },
  selected: string | null,
  by: 1 | -1,
): string | null {
  const index = board.rows.findIndex((row) => row.id === selected);
  if (index < 0) return board.rows[0]?.id ?? null;
  const next = Math.min(board.rows.length - 1, Math.max(0, index + by));
  return board.rows[next]?.id ?? null;
}
