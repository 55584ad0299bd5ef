import { expect, it, vi } from 'vitest';

import { madeAlert } from '../alert/made';
import type { Alert } from '../api/types';
import { entriesOf, type Entry } from '../incidents/entries';
import type { Row } from '../incidents/incident';
import { kindOf, standingOf } from './words';

vi.hoisted(() => vi.stubGlobal('localStorage', { getItem: () => null }));

const smoke = madeAlert({ id: 'a', kind: 'smoke', rule: 'smoke', label: 'smoke' });
const flame: Alert = { ...smoke, kind: 'fire', label: 'fire', spoke_reason: 'worse_kind' };

/** The list of the centre as it was while the smoke was smoke. */
const row = {
  id: 'a',
  type: 'alert',
  alert: smoke,
  sources: [],
  source_counts: [],
  urgency: smoke.urgency,
  priority: 1,
  section: 'unanswered',
  holder: null,
  since: smoke.raised_at,
} as unknown as Row;

function onlyEntry(alert: Alert, rows: readonly Row[]): Entry {
  const isFresh = () => rows.length === 0;
  const rowFor = () => null;
  const worklist = { rows, isFresh, rowFor } as unknown as Parameters<typeof entriesOf>[1];
  const [entry] = entriesOf([alert], worklist);
  if (!entry) throw new Error('no entry');
  return entry;
}

it.each([
  ['in no row yet', []],
  ['in a row that was asked for before', [row]],
] as const)('smoke that becomes flame is a fire on the wall, and says so: %s', (_, rows) => {
  const before = onlyEntry(smoke, rows);
  expect([kindOf(before), standingOf(before)]).toEqual(['Nghi cháy · khói', 'Chưa ai nhận']);
  const after = onlyEntry(flame, rows);
  expect([kindOf(after), standingOf(after)]).toEqual(['Nghi cháy · lửa', 'có lửa · Chưa ai nhận']);
});
