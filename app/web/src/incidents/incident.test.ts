import { describe, expect, it } from 'vitest';

import { callBody, isPast, kindOfDigit, withWard, type CallForm } from './incident';

const FORM: CallForm = {
  kind: 'fire',
  line: '113',
  caller: ' 0912 ',
  place: ' 12 Hàng Bài ',
  point: null,
  words: '',
  incoming: null,
};

describe('a call', () => {
  it('says only what was typed', () => {
    expect(callBody(FORM)).toEqual({
      kind: 'fire',
      line: '113',
      caller: '0912',
      place: { text: '12 Hàng Bài' },
      words: null,
      incoming: null,
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
