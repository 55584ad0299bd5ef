import { afterEach, expect, it, vi } from 'vitest';

import { incidentApi, type Incident, type IncidentQuery } from './incident';
import { IncidentRows } from './incident-rows.svelte';

type Page = Awaited<ReturnType<typeof incidentApi.list>>;

const QUERY: IncidentQuery = { q: '', open: true, sort: 'urgency', limit: 50, cursor: null };
const page = (ids: string, next: string | null = null): Page => ({
  items: [...ids].map((id) => ({ id }) as Incident),
  next,
});
const shown = (rows: IncidentRows) => rows.items?.map(({ id }) => id).join('') ?? null;

afterEach(() => vi.restoreAllMocks());

it('the answer about all incidents is not replaced by a late one about those open', async () => {
  let late = (_: Page): void => undefined;
  const list = vi.spyOn(incidentApi, 'list');
  list.mockReturnValueOnce(new Promise((answer) => (late = answer)));
  list.mockResolvedValueOnce(page('abc'));
  const rows = new IncidentRows();
  const open = rows.load(QUERY);
  expect(shown(rows)).toBeNull(); // not none: nobody has answered
  await rows.load({ ...QUERY, open: false });
  late(page('a'));
  await open;
  expect(shown(rows)).toBe('abc');
});

it('a further page joins what it was asked for, each incident once', async () => {
  let late = (_: Page): void => undefined;
  const list = vi.spyOn(incidentApi, 'list');
  list.mockResolvedValueOnce(page('ab', '2')).mockResolvedValueOnce(page('bc', '3'));
  list.mockReturnValueOnce(new Promise((answer) => (late = answer)));
  list.mockResolvedValueOnce(page('xy'));
  const rows = new IncidentRows();
  await rows.load(QUERY);
  await rows.more(QUERY);
  expect([shown(rows), rows.next]).toEqual(['abc', '3']);
  const further = rows.more(QUERY);
  await rows.load(QUERY);
  late(page('d', '4'));
  await further;
  expect([shown(rows), rows.next]).toEqual(['xy', null]);
});
