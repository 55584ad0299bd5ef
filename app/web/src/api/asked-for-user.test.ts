import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import { citizenMessages } from '../calls/citizen-messages.svelte';
import { incomingCalls } from '../calls/incoming.svelte';
import { crewRequests } from '../crews/crew-requests.svelte';
import { runningAreas } from '../watch_areas/running.svelte';
import { api } from './client';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

it.each([
  ['calls that ring', incomingCalls, () => incomingCalls.all.length],
  ['messages of citizens', citizenMessages, () => citizenMessages.events.length],
  ['what crews ask for', crewRequests, () => crewRequests.all.length],
  ['watch areas', runningAreas, () => runningAreas.waiting],
])('leaves none of the last officer’s %s to the next one', async (_, list, count) => {
  const items = [{ id: 'one', status: 'proposed' }];
  vi.spyOn(api, 'send').mockImplementation(() =>
    Promise.resolve(new Response(JSON.stringify({ items, waiting: 1 }))),
  );
  const logOut = list.start();
  await vi.advanceTimersByTimeAsync(0);
  expect(count()).toBe(1);
  logOut();
  expect(count()).toBe(0);
});
