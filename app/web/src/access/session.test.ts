import { afterEach, beforeEach, expect, test, vi } from 'vitest';

beforeEach(() => {
  vi.useFakeTimers();
  vi.spyOn(console, 'error').mockReturnValue();
});
afterEach(() => vi.useRealTimers());

test('a screen that began while the centre was away asks again by itself', async () => {
  const nobody = new Response(JSON.stringify({ error: 'not_logged_in', detail: '' }), {
    status: 401,
  });
  const fetched = vi
    .fn<() => Promise<Response>>()
    .mockRejectedValueOnce(new TypeError('refused'))
    .mockRejectedValueOnce(new TypeError('refused'))
    .mockResolvedValue(nobody);
  vi.stubGlobal('fetch', fetched);
  vi.stubGlobal('localStorage', { getItem: () => null });
  const { keeper } = await import('./session.svelte');

  await keeper.begin();
  expect(keeper.where).toBe('unreachable');
  await vi.advanceTimersByTimeAsync(3000);
  expect(keeper.where).toBe('unreachable');
  await vi.advanceTimersByTimeAsync(3000);
  expect(keeper.where).toBe('login');
  await vi.advanceTimersByTimeAsync(60_000);
  expect(fetched).toHaveBeenCalledTimes(3);
});

test('a question that fails after another was answered takes nobody away from the work', async () => {
  const nobody = new Response(JSON.stringify({ error: 'not_logged_in', detail: '' }), {
    status: 401,
  });
  let fail = (_: Error): void => undefined;
  const fetched = vi
    .fn<() => Promise<Response>>()
    .mockReturnValueOnce(new Promise((_, reject) => (fail = reject)))
    .mockResolvedValue(nobody);
  vi.stubGlobal('fetch', fetched);
  vi.stubGlobal('localStorage', { getItem: () => null });
  const { keeper } = await import('./session.svelte');

  const first = keeper.begin();
  await keeper.begin(); // an impatient hand pressed the button
  fail(new TypeError('refused'));
  await first;
  expect(keeper.where).toBe('login');
});
