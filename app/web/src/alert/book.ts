/**
 * What this screen knows of the alerts: one copy each, the newest the centre told. Answers of
 * commands, the stream and reloads come in any order; an older copy never replaces a newer one. Pure.
 */

import type { Alert } from '../api/types';
import { isStillSeen } from '../history/outcome';

/** Closed alerts beyond this many are history, not triage: a list is not asked for more. */
export const MOST_CLOSED = 200;
/** So many that were closed while the screen stood stay on it; beyond, a screen grows for ever. */
export const MOST_CLOSED_KEPT = 2000;
/** They are dropped so many at a time. */
const CLOSED_SLACK = 200;

export interface Entry {
  readonly alert: Alert;
  /** The change that brought it; 0 for a copy that came by a list or a command. */
  readonly seq: number;
}

export type Book = ReadonlyMap<string, Entry>;

/** All at once, in their order: the book is copied once. */
export function putAll(book: Book, told: readonly Entry[]): Book {
  let next: Map<string, Entry> | null = null;
  for (const { alert, seq } of told) {
    const entry = newer(next ?? book, alert, seq);
    if (entry) (next ??= new Map(book)).set(alert.id, entry);
  }
  return next ?? book;
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

/** Without the closed alerts raised longest ago, where there are too many; `shown` ones stay. */
export function trimmed(book: Book, shown: () => ReadonlySet<string>): Book {
  if (book.size <= MOST_CLOSED_KEPT + CLOSED_SLACK) return book;
  const closed = [...book.values()]
    .map((entry) => entry.alert)
    .filter((alert) => alert.state === 'closed' && !isStillSeen(alert));
  if (closed.length <= MOST_CLOSED_KEPT + CLOSED_SLACK) return book;
  const next = new Map(book);
  const stays = shown();
  closed.sort((a, b) => Date.parse(b.raised_at) - Date.parse(a.raised_at));
  for (const { id } of closed.slice(MOST_CLOSED_KEPT)) if (!stays.has(id)) next.delete(id);
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
