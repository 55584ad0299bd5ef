/**
 * What this screen knows of the alerts: one copy each, the newest the centre told. Answers of
 * commands, the stream and reloads come in any order; an older copy never replaces a newer one. Pure.
 */

import type { Alert } from '../api/types';

/** Closed alerts beyond this many are history, not triage. */
export const MOST_CLOSED = 200;

interface Entry {
  readonly alert: Alert;
  /** The change that brought it; 0 for a copy that came by a list or a command. */
  readonly seq: number;
}

export type Book = ReadonlyMap<string, Entry>;

export function put(book: Book, alert: Alert, seq = 0): Book {
  const entry = newer(book, alert, seq);
  return entry ? new Map(book).set(alert.id, entry) : book;
}

/** A whole reload: what the centre no longer lists is gone, what it lists is merged. */
export function replaceAll(book: Book, alerts: readonly Alert[], keepSince: number): Book {
  const next = new Map([...book].filter(([, entry]) => entry.seq > keepSince));
  for (const alert of alerts) {
    const entry = newer(next, alert, 0);
    if (entry) next.set(alert.id, entry);
  }
  return next;
}

/** The entry that takes the place of the known one; null where that is newer. */
function newer(book: Book, alert: Alert, seq: number): Entry | null {
  const known = book.get(alert.id);
  if (known && isOlder(alert, seq, known)) return null;
  return { alert, seq: Math.max(seq, known?.seq ?? 0) };
}

function isOlder(alert: Alert, seq: number, known: Entry): boolean {
  if (alert.version !== known.alert.version) return alert.version < known.alert.version;
  return seq < known.seq;
}
