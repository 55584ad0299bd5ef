/** What a form refuses is said in the screens' own language, by each form. */

import { expect, it, vi } from 'vitest';

import formSource from './Form.svelte?raw';

vi.stubGlobal('localStorage', { getItem: () => null });
const { faultOf } = await import('./form-faults.svelte');

const refused = (part: Partial<ValidityState>, limits = {}) =>
  faultOf({ validity: part as ValidityState, ...limits });

it('says what is missing or wrong of an entry', () => {
  expect(refused({ valueMissing: true })).toBe('Chưa điền mục này.');
  expect(refused({ rangeOverflow: true }, { min: '1', max: '24' })).toBe('Phải từ 1 đến 24.');
  expect(refused({ typeMismatch: true })).toBe('Chưa đúng dạng.');
});

it('leaves nothing of any form to the browser', () => {
  expect(formSource).toMatch(/<form\s[^>]*\bnovalidate\b/);
});
