import { afterEach, describe, expect, it } from 'vitest';

import { en } from '../i18n/en';
import { vi as words } from '../i18n/vi';
import { queryOf } from '../sightings/query';
import { alertKinds, isFireKind, isSystemKind } from './alert-kinds.svelte';

afterEach(() => alertKinds.learn([]));

const exit = {
  kind: 'blocked_exit',
  name: { vi: 'Chắn lối thoát nạn', en: 'Emergency exit blocked' },
  confirmed_name: { vi: 'Lối thoát nạn bị chắn', en: 'Exit is blocked' },
  labels: {},
  is_system: false,
  is_fire: true,
};

it('calls an alert of a rule from outside by the words that its rule brings', () => {
  expect(words.kindTitle('blocked_exit', 'new')).toBe('Cảnh báo khác');
  alertKinds.learn([exit]);
  expect(words.kindTitle('blocked_exit', 'new')).toBe('Chắn lối thoát nạn');
  expect(words.kindTitle('blocked_exit', 'confirmed')).toBe('Lối thoát nạn bị chắn');
  expect(en.kindTitle('blocked_exit', 'new')).toBe('Emergency exit blocked');
  expect(words.kindName('blocked_exit')).toBe('Chắn lối thoát nạn');
  expect(isFireKind('blocked_exit')).toBe(true);
  expect(isSystemKind('camera_offline')).toBe(true);
});

it("calls what a site's own model detects by the centre's words, and offers it to searches", () => {
  expect(words.labels('dog')).toBe('vật thể');
  alertKinds.learn([], { person: { vi: 'người', en: 'person' }, dog: { vi: 'chó', en: 'dog' } });
  expect([words.labels('dog'), en.labels('dog'), words.labels('quux')]).toEqual([
    'chó',
    'dog',
    'vật thể',
  ]);
  expect(words.search.thing('dog')).toBe('chó');
  expect(queryOf('?class=dog&class=face', 0).things).toEqual(['dog']);
});

it('says that fire is watched on where the object model does not work', () => {
  expect(words.reasonChain('object model: its driver is gone')).toContain('cháy, khói vẫn');
});

const SOURCES = import.meta.glob<string>('../**/*.{ts,svelte}', {
  query: '?raw',
  import: 'default',
  eager: true,
});
/** So many kinds in one file are a list of them; what officers are told to do names a few. */
const MOST = 2;
const MAY_NAME: ReadonlySet<string> = new Set([
  'i18n/vi/desk.ts', // what to look at first
  'i18n/en/desk.ts',
  'i18n/vi/machine.ts', // what a machine's reasons mean
  'i18n/en/machine.ts',
  'alert/machine-reason.ts',
]);

describe('kinds of alert', () => {
  const sources = Object.entries(SOURCES)
    .map(([path, text]) => [path.replace('../', '').replace('./', 'alert/'), text] as const)
    .filter(([path]) => !/(\.test\.ts|\.d\.ts)$/.test(path) && !MAY_NAME.has(path));

  it('are listed by nobody but the centre', () => {
    const lists = sources.filter(
      ([, text]) => alertKinds.all.filter(({ kind }) => isNamed(kind, text)).length > MOST,
    );
    expect(sources.length).toBeGreaterThan(200);
    expect(lists.map(([path]) => path)).toEqual([]);
  });

  it('are found where they stand as words or as keys', () => {
    expect(isNamed('fire', "const KINDS = ['fire', 'smoke'];")).toBe(true);
    expect(isNamed('arc', '  arc: 1,')).toBe(true);
    expect(isNamed('arc', 'the arc of it')).toBe(false);
  });
});

/** Whether a source has the kind as a word of its own or as a key. */
function isNamed(kind: string, source: string): boolean {
  return new RegExp(`['"\`]${kind}['"\`]|^\\s*${kind}:|[{,]\\s*${kind}:`, 'm').test(source);
}
