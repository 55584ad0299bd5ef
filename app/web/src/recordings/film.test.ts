import { afterEach, expect, it, vi } from 'vitest';

import { api } from '../api/client';
import { Film } from './film.svelte';

vi.hoisted(() => vi.stubGlobal('localStorage', { getItem: () => null }));

const HOUR = { from: 0, to: 3_600_000 };

afterEach(() => vi.restoreAllMocks());

it('knows of no film before the centre said what it has, and of none that it refused', async () => {
  vi.spyOn(console, 'error').mockImplementation(() => undefined);
  const film = new Film('cam-1');
  const send = vi.spyOn(api, 'send').mockRejectedValue(new Error('not recorded'));
  await film.open({} as HTMLVideoElement, HOUR, 0);
  expect([film.state, film.isTold]).toEqual(['failed', false]);
  send.mockResolvedValue(Response.json({ segments: [], gaps: [] }));
  await film.open({} as HTMLVideoElement, HOUR, 0);
  expect([film.state, film.isTold]).toEqual(['empty', true]);
});

it('takes no answer about an hour that was left for another', async () => {
  const film = new Film('cam-1');
  const gap = { from: 0, to: 3600, reason: 'not_recorded' };
  let late = (_: Response): void => undefined;
  const send = vi.spyOn(api, 'send');
  send.mockReturnValueOnce(new Promise((answer) => (late = answer)));
  send.mockResolvedValueOnce(Response.json({ segments: [], gaps: [] }));
  const video = {} as HTMLVideoElement;
  const left = film.open(video, HOUR, 0);
  await film.open(video, { from: HOUR.to, to: 2 * HOUR.to }, HOUR.to);
  late(Response.json({ segments: [], gaps: [gap] }));
  await left;
  expect([film.state, film.gaps]).toEqual(['empty', []]);
});
