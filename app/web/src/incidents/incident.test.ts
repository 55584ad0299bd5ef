import { describe, expect, it, vi } from 'vitest';

import { api } from '../api/client';
import {
  callBody,
  incidentApi,
  isPast,
  kindOfDigit,
  sourcesOf,
  stays,
  withWard,
  type CallForm,
} from './incident';
import { incidents } from '../i18n/vi/incidents';

const FORM: CallForm = {
  kind: 'fire',
  line: '113',
  caller: ' 0912 ',
  place: ' 12 Hàng Bài ',
  point: null,
  words: '',
  incoming: null,
};

describe('the list of incidents', () => {
  it('counts what each holds', () => {
    const members = (['alert', 'alert', 'call', 'alert'] as const).map((type, number) => ({
      type,
      id: String(number),
      joined_at: '2026-11-24T07:00:00Z',
      by: null,
    }));
    const { holds: words } = incidents.incidents;
    expect(sourcesOf({ members }, words)).toBe('3 cảnh báo, 1 cuộc gọi');
    expect(sourcesOf({ members: [] }, words)).toBe('');
  });

  it('has no words in its address', async () => {
    const send = vi.spyOn(api, 'send').mockImplementation(async () => Response.json({ items: [] }));
    const asked = { open: true, sort: 'urgency', limit: 50, cursor: null } as const;
    await incidentApi.list({ q: 'bà Lan 0912', ...asked });
    await incidentApi.list({ q: '', ...asked });
    expect(send.mock.calls.map(([method, path]) => `${method} ${path}`)).toEqual([
      'POST /incidents/search',
      'GET /incidents?open=true&sort=urgency&limit=50',
    ]);
    const body: unknown = JSON.parse(String(send.mock.calls[0]?.[2]?.body));
    expect(body).toEqual({ q: 'bà Lan 0912', ...asked, state: [], kind: [] });
  });
});

describe('a call', () => {
  it('says only what was typed', () => {
    expect(callBody(FORM)).toEqual({
      kind: 'fire',
      line: '113',
      caller: '0912',
      place: { text: '12 Hàng Bài' },
      words: null,
      incoming: null,
      incident: null,
    });
    expect(callBody({ ...FORM, place: ' ', caller: '' })).toMatchObject({
      caller: null,
      place: null,
    });
    const point = { lat: 21.03, lon: 105.85 };
    expect(callBody({ ...FORM, place: '', point }).place).toEqual({ text: null, ...point });
  });

  it('has its kind by a digit', () => {
    expect([1, 9, 0].map(kindOfDigit)).toEqual(['fire', 'other', 'enquiry']);
  });
});

describe('an incident', () => {
  it('goes forward only', () => {
    expect(isPast({ state: 'on_scene' }, 'dispatched')).toBe(true);
    expect(isPast({ state: 'open' }, 'assessed')).toBe(false);
  });

  it('names its ward once', () => {
    expect(withWard('12 Hàng Bài, Cửa Nam', 'Cửa Nam')).toBe('12 Hàng Bài, Cửa Nam');
    expect(withWard('12 Hàng Bài', 'Cửa Nam')).toBe('12 Hàng Bài, Cửa Nam');
    expect(withWard('12 Cửa Nam', null)).toBe('12 Cửa Nam');
  });
});

describe('of two incidents that are joined', () => {
  const at = (state: 'open' | 'assessed' | 'dispatched', minute: number) => ({
    state,
    steps: [{ at: `2026-11-24T07:0${minute}:00Z` }],
  });

  it('the one that is further on stays, however new', () => {
    expect(stays(at('assessed', 5), at('open', 1))).toBe(true);
    expect(stays(at('open', 1), at('dispatched', 5))).toBe(false);
  });

  it('of two alike the older stays, with its number and place', () => {
    expect(stays(at('open', 1), at('open', 5))).toBe(true);
    expect(stays(at('open', 5), at('open', 1))).toBe(false);
  });
});
