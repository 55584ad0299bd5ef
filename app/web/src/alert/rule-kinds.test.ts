import { afterEach, expect, it } from 'vitest';
import { en } from '../i18n/en';
import { vi as words } from '../i18n/vi';
import { ruleKinds } from './rule-kinds.svelte';

afterEach(() => ruleKinds.learn([]));

it('calls an alert of a rule from outside by the words that its rule brings', () => {
  expect(words.kindTitle('blocked_exit', 'new')).toBe('Cảnh báo khác');
  ruleKinds.learn([
    {
      kind: 'blocked_exit',
      name: { vi: 'Chắn lối thoát nạn', en: 'Emergency exit blocked' },
      confirmed_name: { vi: 'Lối thoát nạn bị chắn', en: 'Exit is blocked' },
      labels: {},
    },
  ]);
  expect(words.kindTitle('blocked_exit', 'new')).toBe('Chắn lối thoát nạn');
  expect(words.kindTitle('blocked_exit', 'confirmed')).toBe('Lối thoát nạn bị chắn');
  expect(en.kindTitle('blocked_exit', 'new')).toBe('Emergency exit blocked');
});
