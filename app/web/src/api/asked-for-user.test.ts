import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import { citizenMessages } from '../calls/citizen-messages.svelte';
import { incomingCalls } from '../calls/incoming.svelte';
import { crewRequests } from '../crews/crew-requests.svelte';
import { duty } from '../shifts/duty.svelte';
import { shelves } from '../suppression/shelves.svelte';
import { runningAreas } from '../watch_areas/running.svelte';
import { api } from './client';
import { features } from './features.svelte';

vi.hoisted(() => vi.stubGlobal('localStorage', { getItem: () => null }));

beforeEach(() => {
  vi.useFakeTimers();
  features.set(['calls', 'crews', 'watch_areas']);
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

const LISTS = [
  ['calls that ring', incomingCalls, () => incomingCalls.all.length],
  ['messages of citizens', citizenMessages, () => citizenMessages.events.length],
  ['what crews ask for', crewRequests, () => crewRequests.all.length],
  ['watch areas', runningAreas, () => runningAreas.waiting],
  ['what is laid aside', shelves, () => shelves.inForce.length],
  ['who is on duty', duty, () => (duty.now === null ? 0 : 1)],
] as const;

function answer(): Response {
  return Response.json({ items: [{ id: 'one', status: 'proposed' }], waiting: 1 });
}

it.each(LISTS)('leaves none of the last officer’s %s to the next one', async (_, list, count) => {
  vi.spyOn(api, 'send').mockImplementation(() => Promise.resolve(answer()));
  const logOut = list.start();
  await vi.advanceTimersByTimeAsync(0);
  expect(count()).toBe(1);
  logOut();
  expect(count()).toBe(0);
});

it.each(LISTS)('lets no late answer tell the next officer %s', async (_, list, count) => {
  let late = (_: Response): void => undefined;
  vi.spyOn(api, 'send').mockReturnValue(new Promise((told) => (late = told)));
  list.start()();
  late(answer());
  await vi.advanceTimersByTimeAsync(0);
  expect(count()).toBe(0);
});

it('keeps what crews ask for in sight while incidents change', async () => {
  vi.spyOn(api, 'send').mockImplementation(() => Promise.resolve(answer()));
  const logOut = crewRequests.start();
  await vi.advanceTimersByTimeAsync(0);
  crewRequests.again();
  expect(crewRequests.all.length).toBe(1);
  logOut();
});

it('asks nothing of a feature that the site does without', async () => {
  features.set([]);
  const send = vi.spyOn(api, 'send').mockImplementation(() => Promise.resolve(answer()));
  const ends = [incomingCalls, citizenMessages, crewRequests, runningAreas].map((list) =>
    list.start(),
  );
  await vi.advanceTimersByTimeAsync(120_000);
  expect(send).not.toHaveBeenCalled();
  ends.forEach((end) => end());
});
