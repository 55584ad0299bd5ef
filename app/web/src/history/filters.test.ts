import { describe, expect, it } from 'vitest';

import { countOf, filtersOf, nextSort, NOTHING, queryOf, searchOf, spanOf } from './filters';

const NOW = Date.parse('2026-11-24T10:00:00Z');

describe('filters in the address', () => {
  it('come back as they went', () => {
    const asked = { ...NOTHING, span: 'dates', from: '2026-11-01', to: '2026-11-14' } as const;
    const filters = { ...asked, q: 'Hoà Mã 100%', kind: 'fire', reason: 'steam' };
    expect(filtersOf(searchOf(filters))).toEqual(filters);
  });
  it('are no question when nothing is asked', () => {
    expect(searchOf(NOTHING)).toBe('');
    expect(filtersOf('')).toEqual(NOTHING);
  });
  it('do not believe a foreign span', () => {
    expect(filtersOf('?span=forever').span).toBe('7d');
  });
  it('are counted without the span', () => {
    expect(countOf({ ...NOTHING, span: 'all', q: 'x', kind: 'fire' })).toBe(2);
  });
});

describe('a press on a column', () => {
  it('sorts up, then down, then as before', () => {
    expect(nextSort('', 'where')).toBe('camera');
    expect(nextSort('camera', 'where')).toBe('-camera');
    expect(nextSort('-camera', 'where')).toBe('');
    expect(nextSort('-camera', 'when')).toBe('raised_at');
  });
  it('stands in the address and in the question, and no foreign word does', () => {
    expect(filtersOf('?sort=-camera').sort).toBe('-camera');
    expect(filtersOf('?sort=secret').sort).toBe('');
    expect(queryOf({ ...NOTHING, span: 'all', sort: '-camera' }, NOW).get('sort')).toBe('-camera');
    expect(countOf({ ...NOTHING, sort: 'kind' })).toBe(0);
  });
});

describe('what the centre is asked', () => {
  it('names the span in seconds', () => {
    const query = queryOf({ ...NOTHING, span: 'today' }, NOW);
    expect(Number(query.get('until')) - Number(query.get('since'))).toBe(86_400);
  });
  it('holds only what is set', () => {
    const query = queryOf({ ...NOTHING, span: 'all', q: '  cổng ', reason: 'fog' }, NOW);
    expect(query.toString()).toBe('q=c%E1%BB%95ng&reject_reason=fog');
  });
  it('asks for all while the dates are not whole', () => {
    expect(spanOf({ ...NOTHING, span: 'dates', from: '2026-11-01' }, NOW)).toBeNull();
  });
});
