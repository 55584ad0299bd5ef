/** An incident ends with an outcome that is chosen: no key pressed blindly ends a confirmed fire. */

import { beforeEach, expect, it, vi } from 'vitest';

import { ApiError } from '../api/client';
import { incidentApi, type Row } from '../incidents/incident';
import { atRest, seatOf, told, type Seat } from './key-seat';
import { listOf, night, OFFICER, warehouse } from './made-night';

beforeEach(atRest);

const refused = (error: string, points: readonly string[] = []) =>
  new ApiError(409, { error, detail: error, open_points: points } as never);

/** A desk at the warehouse, which is confirmed and to which nobody was sent. */
async function confirmed(): Promise<Seat> {
  const seat = await seatOf(OFFICER, night());
  const incident = { ...warehouse().incident, state: 'confirmed' } as Row;
  await seat.watch.worklist.take([listOf([...seat.watch.alerts], [incident])]);
  seat.desk.choose('hall');
  return seat;
}

it('X, X, X never closes a confirmed fire', async () => {
  const { desk, press } = await confirmed();
  vi.mocked(incidentApi.command).mockRejectedValueOnce(refused('incident_open_points', ['unsent']));
  for (let i = 0; i < 3; i += 1) await press('KeyX');
  expect(incidentApi.command).toHaveBeenCalledTimes(1);
  expect(vi.mocked(incidentApi.command).mock.calls[0]?.[2]).toMatchObject({ disposition: null });
  expect([desk.menu, desk.openPoints]).toEqual(['close', ['unsent']]);
});

it('where a report is missing its field is shown, and what was read stays read', async () => {
  const { desk, orders, press } = await confirmed();
  vi.mocked(incidentApi.command)
    .mockRejectedValueOnce(refused('incident_open_points', ['units']))
    .mockRejectedValueOnce(refused('not_controlled'));
  await press('KeyX');
  orders.say('close', { sure: true, disposition: 'handled', despite: ['units'] });
  await vi.waitFor(() => expect(desk.closeProblem).toBe('not_controlled'));
  expect([desk.menu, desk.openPoints]).toEqual(['close', ['units']]);
  expect(told.acted).toEqual([]);
});

it.each([
  [true, 'dispatch'],
  [false, null],
])('V while the incident loads (%s) is not lost', async (isLoading, menu) => {
  const { desk, work, press } = await confirmed();
  work.isLoading = isLoading;
  await press('KeyV');
  expect(desk.menu).toBe(menu);
});
