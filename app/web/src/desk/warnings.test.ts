/** A sector's warning on the desk: named as what it is, with reasons of its own. */

import { expect, it } from 'vitest';

import { CALL_REASONS, WARNING_REASONS } from '../api/types';
import type { Row } from '../incidents/incident';
import { rowOf } from './made-night';
import { reasonsFor } from './open-rows';
import { titleOfRow, whereOfRow } from './words';

function row(kind: 'signal' | 'call'): Row {
  const source = { type: kind, kind, id: 's1', at: '', verdict: null, text: 'EVN báo tin' };
  return { ...rowOf([], { id: 'v1', kind: 'fire' }), sources: [source] } as unknown as Row;
}

it('is told in its own words', () => {
  const words = { calls: { kinds: { fire: 'Cháy' } }, row: { warning: 'Cảnh báo' } };
  const title = (kind: 'signal' | 'call') => titleOfRow(row(kind), words);
  expect(title('signal')).toBe('Cảnh báo');
  expect(whereOfRow(row('signal'))).toContain('EVN báo tin');
  expect(whereOfRow(row('call'))).not.toContain('EVN');
  expect(title('call')).toBe('Cháy');
  expect(titleOfRow(null, words)).toBe('');
});

it('is false for other reasons than a call', () => {
  expect(reasonsFor([], { kind: 'signal' })).toEqual(WARNING_REASONS);
  expect(reasonsFor([], { kind: 'call' })).toEqual(CALL_REASONS);
  expect(reasonsFor([], null)).toEqual(CALL_REASONS);
});
