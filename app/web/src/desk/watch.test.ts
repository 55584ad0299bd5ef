import { afterEach, expect, it, vi } from 'vitest';

import { madeAlert } from '../alert/made';
import { api } from '../api/client';
import type { Alert } from '../api/types';
import { Watch, type WatchListener } from './watch.svelte';

const NOBODY: WatchListener = {
  spoke: () => undefined,
  shelved: () => undefined,
  handedOver: () => undefined,
  cosignWanted: () => undefined,
  reloaded: () => undefined,
  backSince: () => undefined,
};

afterEach(() => vi.restoreAllMocks());

it('keeps an alert that a newer list brought when an older list comes after it', async () => {
  const [before, since] = [madeAlert({ id: 'before' }), madeAlert({ id: 'since' })];
  let late = (_: Alert[]): void => undefined;
  const asked = vi.spyOn(api, 'alerts').mockResolvedValue([]);
  asked.mockReturnValueOnce(new Promise((answer) => (late = answer))).mockResolvedValueOnce([]);
  asked.mockResolvedValueOnce([before, since]);
  const watch = new Watch(NOBODY, false);
  const older = watch.reload();
  expect(await watch.reload()).toBe(true);
  late([before]);
  expect(await older).toBe(false);
  expect(watch.alerts.map(({ id }) => id)).toEqual(['before', 'since']);
});

it('is not said to have failed by an older question than the one that was answered', async () => {
  vi.spyOn(console, 'error').mockReturnValue();
  let fail = (_: Error): void => undefined;
  const asked = vi.spyOn(api, 'alerts').mockResolvedValue([]);
  asked.mockReturnValueOnce(new Promise((_, reject) => (fail = reject)));
  const watch = new Watch(NOBODY, false);
  const older = watch.reload();
  await watch.reload();
  fail(new TypeError('cut'));
  expect(await older).toBe(false);
  expect(watch.loading).toBe('ready');
});
