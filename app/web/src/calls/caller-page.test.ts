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
  expect(asked).toHaveBeenCalledTimes(1);
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

it('sends files that were chosen together one after the other, and again what the network cut', async () => {
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
  await vi.advanceTimersByTimeAsync(10_000);
  expect(await Promise.all(sent)).toEqual([true, true, true]);
  expect(begun).toEqual([...names, '1.jpg']);
});

it('says of a file that the phone no longer gives that it was not sent', async () => {
  const asked = vi.fn<typeof fetch>().mockRejectedValue(new TypeError('cut'));
  vi.stubGlobal('fetch', asked);
  const page = new CallerPage('code', () => 'vi');
  const gone = new File(['film'], 'film.mp4');
  const unread = { arrayBuffer: () => Promise.reject(new DOMException('gone', 'NotFoundError')) };
  vi.spyOn(gone, 'slice').mockReturnValue(unread as unknown as Blob);
  expect(await page.file(gone, 'too large')).toBe(false);
  expect(page.sent.map(({ state, problem }) => [state, problem])).toEqual([['failed', '']]);
  expect(asked).not.toHaveBeenCalled();
});

it('sends a position that the network cut again, until there is a newer one', async () => {
  const told: number[] = [];
  const asked = vi.fn<typeof fetch>().mockImplementation((_, init) => {
    told.push((JSON.parse(init?.body as string) as { lat: number }).lat);
    return told.length < 3
      ? Promise.reject(new TypeError('cut'))
      : Promise.resolve(new Response('{}', { status: 201 }));
  });
  vi.stubGlobal('fetch', asked);
  let moved = (_: object): void => undefined;
  const geolocation = { watchPosition: (found: (at: object) => void) => void (moved = found) };
  vi.stubGlobal('navigator', { geolocation });
  const page = new CallerPage('code', () => 'vi');
  const at = (latitude: number) => moved({ coords: { latitude, longitude: 105.8, accuracy: 20 } });
  page.locate();
  at(21.01);
  await vi.advanceTimersByTimeAsync(1_000);
  at(21.02);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(told).toEqual([21.01, 21.02, 21.02]);
  expect(page.sent.map(({ what, state }) => [what, state])).toEqual([['position', 'sent']]);
  expect(page.accuracyM).toBe(20);
});
