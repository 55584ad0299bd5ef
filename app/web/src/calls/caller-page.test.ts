import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import { CallerPage } from './caller-page.svelte';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const busy = (): Response =>
  new Response(JSON.stringify({ error: 'busy', detail: 'Trung tâm đang bận.' }), { status: 503 });

it('sends a film again by itself while the centre is busy', async () => {
  const asked = vi
    .fn<typeof fetch>()
    .mockResolvedValueOnce(busy())
    .mockResolvedValueOnce(busy())
    .mockResolvedValueOnce(new Response('{}', { status: 201 }));
  vi.stubGlobal('fetch', asked);
  const page = new CallerPage('code', () => 'vi');
  const sent = page.file(new File(['film'], 'film.mp4'), 'too large');
  await vi.advanceTimersByTimeAsync(1_000);
  expect(page.sent.map(({ state, problem }) => [state, problem])).toEqual([['sending', '']]);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(await sent).toBe(true);
  expect(asked).toHaveBeenCalledTimes(3);
  expect(page.sent.map(({ state, problem }) => [state, problem])).toEqual([['sent', '']]);
});

it('asks no more once the page is left', async () => {
  const asked = vi.fn<typeof fetch>().mockImplementation(() => Promise.resolve(busy()));
  vi.stubGlobal('fetch', asked);
  const page = new CallerPage('code', () => 'vi');
  page.draft = 'ở cửa sau';
  const sent = page.write();
  await vi.advanceTimersByTimeAsync(1_000);
  page.end();
  await vi.advanceTimersByTimeAsync(10_000);
  await sent;
  expect(page.sent.map(({ state }) => state)).toEqual(['failed']);
  expect(asked).toHaveBeenCalledTimes(2);
});

it('leaves what is written while the words before are on their way', async () => {
  const asked = vi
    .fn<typeof fetch>()
    .mockResolvedValueOnce(busy())
    .mockResolvedValueOnce(new Response('{}', { status: 201 }));
  vi.stubGlobal('fetch', asked);
  const page = new CallerPage('code', () => 'vi');
  page.draft = 'ở cửa sau';
  const sent = page.write();
  await page.write(); // pressed twice
  page.draft = 'có ba người';
  await vi.advanceTimersByTimeAsync(10_000);
  await sent;
  expect(page.draft).toBe('có ba người');
  expect(page.sent.map(({ name, state }) => [name, state])).toEqual([['ở cửa sau', 'sent']]);
});

it('gives words that could not be sent back, and says nothing in a proxy’s language', async () => {
  const page = new CallerPage('code', () => 'vi');
  vi.stubGlobal('fetch', () => Promise.resolve(new Response('<html>', { status: 502 })));
  page.draft = 'ở cửa sau';
  await page.write();
  expect(page.draft).toBe('ở cửa sau');
  expect(page.sent.map(({ state, problem }) => [state, problem])).toEqual([['failed', '']]);
});

it('sends files that were chosen together one after the other, also past one that fails', async () => {
  const begun: string[] = [];
  const asked = vi.fn<typeof fetch>().mockImplementation((_, init) => {
    begun.push((init?.body as File).name);
    return new Promise((answer, fail) =>
      setTimeout(
        () => (begun.length === 1 ? fail(new TypeError()) : answer(new Response('{}'))),
        100,
      ),
    );
  });
  vi.stubGlobal('fetch', asked);
  const page = new CallerPage('code', () => 'vi');
  const names = ['1.jpg', '2.jpg', '3.jpg'];
  const sent = names.map((name) => page.file(new File(['x'], name), 'too large'));
  await vi.advanceTimersByTimeAsync(50);
  expect(begun).toEqual(['1.jpg']);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(await Promise.all(sent)).toEqual([false, true, true]);
  expect(begun).toEqual(names);
});
