import { afterEach, expect, it, vi } from 'vitest';

import { ApiError } from '../api/client';
import { notices } from '../shell/notices.svelte';
import { incidentApi, type IncidentDetail } from './incident';
import { RowIncident } from './row-incident.svelte';

vi.hoisted(() => vi.stubGlobal('localStorage', { getItem: () => null }));

afterEach(() => void vi.restoreAllMocks());

const detailOf = (version: number, sent: readonly string[]): IncidentDetail =>
  ({ incident: { id: 'vv', version }, assignments: sent.map((id) => ({ id })) }) as never;
const STALE = new ApiError(412, { error: 'incident_version', detail: 'changed' } as never);

async function orders(sentMeanwhile: readonly string[]): Promise<readonly unknown[]> {
  vi.spyOn(notices, 'tell').mockReturnValue(undefined as never);
  const command = vi.spyOn(incidentApi, 'command');
  command.mockRejectedValueOnce(STALE).mockResolvedValueOnce(undefined as never);
  const details = vi.spyOn(incidentApi, 'detail').mockResolvedValueOnce(detailOf(1, []));
  details.mockResolvedValue(detailOf(2, sentMeanwhile));
  const work = new RowIncident();
  work.ask('vv');
  await vi.waitFor(() => expect(work.detail?.incident.version).toBe(1));
  const isDone = await work.act('dispatch', { units: ['xe-1'] });
  return [isDone, ...command.mock.calls.map(([{ version }]) => version)];
}

it('an order to send is given again where only what is told changed meanwhile', async () => {
  expect(await orders([])).toEqual([true, 1, 2]);
});

it('an order to send is refused where a colleague sent somebody meanwhile', async () => {
  expect(await orders(['xe-2'])).toEqual([false, 1]);
});

it('tells the incident of an alert that is over, which is offered nothing to join', async () => {
  const past = { id: 'vv', number: 'VV-1' };
  const answer = { incident: past, suggestions: [{ type: 'incident', id: 'near' }] };
  vi.spyOn(incidentApi, 'ofAlert').mockResolvedValue(answer as never);
  const work = new RowIncident();
  work.ask('', 'closed-alert', false);
  await vi.waitFor(() => expect(work.past).toEqual(past));
  expect(work.suggestions).toEqual([]);
});
