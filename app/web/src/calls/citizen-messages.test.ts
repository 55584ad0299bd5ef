import { expect, test, vi } from 'vitest';

import { messageKey } from './citizen-messages.svelte';

vi.hoisted(() => vi.stubGlobal('localStorage', { getItem: () => null }));

test('one key answers a message', () => {
  expect(messageKey('Digit1')).toEqual({ kind: 'fire' });
  expect(messageKey('Numpad0')).toEqual({ kind: 'enquiry' });
  expect(['KeyG', 'KeyX', 'KeyR', 'KeyQ'].map(messageKey)).toEqual([
    'join',
    'set-aside',
    'hoax',
    null,
  ]);
});
