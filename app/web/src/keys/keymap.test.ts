import { describe, expect, it } from 'vitest';

import {
  COMMANDS,
  DEFAULT_KEYS,
  commandFor,
  digitOf,
  keyCap,
  readKeys,
  remap,
  type Press,
} from './keymap';

const press = (code: string, part: Partial<Press> = {}): Press => ({
  code,
  key: '',
  shiftKey: false,
  ctrlKey: false,
  altKey: false,
  metaKey: false,
  repeat: false,
  ...part,
});

describe('keys', () => {
  it.each([
    [press('KeyA', { key: 'a' }), 'acknowledge'],
    [press('KeyA', { key: 'Process' }), 'acknowledge'],
    [press('Slash', { key: '/' }), 'search'],
    [press('Slash', { key: '?', shiftKey: true }), 'help'],
    [press('KeyJ'), 'next'],
    [press('KeyJ', { repeat: true }), 'next'],
    [press('KeyA', { repeat: true }), null],
    [press('KeyC', { ctrlKey: true }), null],
    [press('KeyR', { metaKey: true }), null],
    [press('KeyA', { shiftKey: true }), null],
    [press('KeyQ'), null],
  ])('%o', (pressed, command) => expect(commandFor(pressed, DEFAULT_KEYS)).toBe(command));

  it('gives every command its own key', () => {
    expect(new Set(Object.values(DEFAULT_KEYS)).size).toBe(COMMANDS.length);
  });

  it('has 20 keys at most, and no screen gives a letter of its own to something else', () => {
    expect(COMMANDS.length).toBeLessThanOrEqual(20);
    const sources = import.meta.glob<string>('../**/*.{svelte,ts}', {
      query: '?raw',
      import: 'default',
      eager: true,
    });
    const known = new Set(Object.values(DEFAULT_KEYS));
    const own = Object.entries(sources)
      .filter(([path]) => !path.includes('.test.'))
      .flatMap(([path, text]) => (text.match(/'Key[A-Z]'/g) ?? []).map((key) => [path, key]))
      .filter(([, key]) => !known.has((key ?? '').slice(1, -1)));
    expect(own).toEqual([]);
  });

  it.each([
    ['Digit3', 3],
    ['Numpad0', 0],
    ['KeyA', null],
  ])('%s is the digit %s', (code, digit) => expect(digitOf(press(code))).toBe(digit));

  it('moves a command to a free key and refuses a taken one', () => {
    const moved = remap(DEFAULT_KEYS, 'acknowledge', 'KeyQ');
    expect(moved && commandFor(press('KeyQ'), moved)).toBe('acknowledge');
    expect(moved && commandFor(press('KeyA'), moved)).toBeNull();
    expect(remap(DEFAULT_KEYS, 'acknowledge', 'KeyC')).toBeNull();
    expect(remap(DEFAULT_KEYS, 'cancel', 'KeyQ')).toBeNull();
    expect(remap(DEFAULT_KEYS, 'acknowledge', 'Digit1')).toBeNull();
  });

  it.each([[null], ['{'], ['{"acknowledge":"KeyC"}'], ['{"fly":"KeyQ"}'], ['[1]']])(
    'reads the default out of %s',
    (text) => expect(readKeys(text)).toEqual(DEFAULT_KEYS),
  );

  it('reads a saved map back', () => {
    expect(readKeys('{"acknowledge":"KeyQ"}').acknowledge).toBe('KeyQ');
  });

  it('prints what stands on the key', () => {
    expect(['KeyA', 'Shift+Slash', 'Escape', 'Enter'].map(keyCap)).toEqual([
      'A',
      '?',
      'Esc',
      'Enter',
    ]);
  });
});
