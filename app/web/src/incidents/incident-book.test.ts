import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import { incidentApi, type Incident } from './incident';

const made = (id: string, version: number, ...alerts: string[]) =>
  ({ id, version, members: alerts.map((one) => ({ type: 'alert', id: one })) }) as Incident;

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal('localStorage', { getItem: () => null });
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

async function book() {
  const { IncidentBook } = await import('./incident-book.svelte');
  return new IncidentBook();
}

it('asks for the members of what the stream says has changed, once for a burst', async () => {
  const one = vi
    .spyOn(incidentApi, 'one')
    .mockImplementation(async (id) => made(id, 2, 'a') as never);
  const known = await book();
  known.learn(made('vv', 1));
  known.changed('vv');
  known.changed('vv');
  await vi.runAllTimersAsync();
  expect(one).toHaveBeenCalledOnce();
  expect(known.rowOf('a')).toBe('vv');
});

it('asks for the list where many changed at one moment', async () => {
  const one = vi.spyOn(incidentApi, 'one');
  const page = { items: [made('0', 1, 'a')], next: null };
  const list = vi.spyOn(incidentApi, 'list').mockResolvedValue(page);
  const known = await book();
  for (let id = 0; id < 20; id += 1) known.changed(String(id));
  await vi.runAllTimersAsync();
  expect([one.mock.calls.length, list.mock.calls.length]).toEqual([0, 1]);
  expect(known.countRows([{ id: 'a' }, { id: 'b' }])).toBe(2);
});

it('keeps the newer copy', async () => {
  const known = await book();
  known.learn(made('vv', 3, 'a'));
  known.learn(made('vv', 2));
  expect(known.rowOf('a')).toBe('vv');
});
