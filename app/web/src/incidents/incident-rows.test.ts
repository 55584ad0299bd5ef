import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import { AGAIN_AFTER_MS } from '../api/asked.svelte';
import { Unreachable } from '../api/client';
import { incidentApi, type Incident, type IncidentQuery } from './incident';
import { IncidentRows } from './incident-rows.svelte';

type Page = Awaited<ReturnType<typeof incidentApi.list>>;

const QUERY: IncidentQuery = { q: '', open: true, sort: 'urgency', limit: 50, cursor: null };
const page = (ids: string, next: string | null = null): Page => ({
  items: [...ids].map((id) => ({ id }) as Incident),
  next,
});
const shown = (rows: IncidentRows) => rows.items?.map(({ id }) => id).join('') ?? null;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

const answered = () => vi.advanceTimersByTimeAsync(0);

it('the answer about all incidents is not replaced by a late one about those open', async () => {
  let late = (_: Page): void => undefined;
  const list = vi.spyOn(incidentApi, 'list');
  list.mockReturnValueOnce(new Promise((answer) => (late = answer)));
  list.mockResolvedValueOnce(page('abc'));
  const rows = new IncidentRows();
  rows.ask(QUERY);
  expect(shown(rows)).toBeNull(); // not none: nobody has answered
  rows.ask({ ...QUERY, open: false });
  await answered();
  late(page('a'));
  await answered();
  expect(shown(rows)).toBe('abc');
});

it('a further page joins what it was asked for, each incident once', async () => {
  let late = (_: Page): void => undefined;
  const list = vi.spyOn(incidentApi, 'list');
  list.mockResolvedValueOnce(page('ab', '2')).mockResolvedValueOnce(page('bc', '3'));
  list.mockReturnValueOnce(new Promise((answer) => (late = answer)));
  list.mockResolvedValueOnce(page('xy'));
  const rows = new IncidentRows();
  rows.ask(QUERY);
  await answered();
  await rows.more(QUERY);
  expect([shown(rows), rows.next]).toEqual(['abc', '3']);
  const further = rows.more(QUERY);
  rows.again();
  await answered();
  late(page('d', '4'));
  await further;
  expect([shown(rows), rows.next]).toEqual(['xy', null]);
});

it('the first page comes by itself after a bad moment, and takes back that a further one did not', async () => {
  vi.spyOn(console, 'warn').mockReturnValue();
  vi.spyOn(console, 'error').mockReturnValue();
  const list = vi.spyOn(incidentApi, 'list').mockRejectedValueOnce(new Unreachable());
  list.mockResolvedValueOnce(page('ab', '2')).mockRejectedValueOnce(new Unreachable());
  list.mockResolvedValueOnce(page('abc'));
  const rows = new IncidentRows();
  rows.ask(QUERY);
  await answered();
  expect([shown(rows), rows.problem]).toEqual([null, true]);
  await vi.advanceTimersByTimeAsync(AGAIN_AFTER_MS);
  expect([shown(rows), rows.problem]).toEqual(['ab', false]);
  await rows.more(QUERY);
  expect([shown(rows), rows.problem]).toEqual(['ab', true]);
  rows.again();
  await answered();
  expect([shown(rows), rows.problem]).toEqual(['abc', false]);
});
