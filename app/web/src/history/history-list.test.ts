import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import { api, Unreachable } from '../api/client';
import { HistoryList } from './history-list.svelte';

vi.hoisted(() => vi.stubGlobal('localStorage', { getItem: () => null }));

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

it('counts again until it is told, and no more once the screen is left', async () => {
  vi.spyOn(console, 'warn').mockReturnValue();
  let isCut = true;
  const counted = vi.fn(() => {
    if (isCut) throw new Unreachable();
    return new Response(JSON.stringify({ count: 7, more: false }));
  });
  vi.spyOn(api, 'send').mockImplementation((_, path) =>
    Promise.resolve().then(() =>
      path.startsWith('/history/count') ? counted() : new Response('{"items":[],"next":null}'),
    ),
  );
  const list = new HistoryList();
  list.ask(new URLSearchParams('q=x'));
  await vi.advanceTimersByTimeAsync(0);
  expect(list.count).toBeNull();
  isCut = false;
  await vi.advanceTimersByTimeAsync(60_000);
  expect([list.count, counted.mock.calls.length]).toEqual([{ count: 7, more: false }, 2]);
  isCut = true;
  list.ask(new URLSearchParams('q=y'));
  await vi.advanceTimersByTimeAsync(0);
  expect(list.count).toBeNull();
  list.end();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(counted).toHaveBeenCalledTimes(3);
});
