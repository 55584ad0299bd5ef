/** A command for many goes by rows: an incident once, with all that tells of it, a call's too. */

import { beforeEach, expect, it, vi } from 'vitest';

import { ApiError } from '../api/client';
import { incidentApi, type Row } from '../incidents/incident';
import { atRest, seatOf, told, type Seat } from './key-seat';
import { listOf, night, OFFICER, rowOf, warehouse } from './made-night';

beforeEach(atRest);

const call = { type: 'call', kind: 'call', id: 'c1', at: '', verdict: null, text: 'khói' };
const OF_CALL = { ...rowOf([], { id: 'v3', holder: null }), sources: [call] } as unknown as Row;

/** A desk with the warehouse, a call and alerts alone; these rows are picked. */
async function picked(...ids: string[]): Promise<Seat> {
  const seat = await seatOf(OFFICER, night());
  const { desk, watch } = seat;
  await watch.worklist.take([listOf([...watch.alerts], [warehouse().incident, OF_CALL])]);
  desk.letIn();
  for (const id of ids) {
    desk.choose(id);
    await seat.press('KeyY');
  }
  return seat;
}
const acts = () => told.acted.map(({ row, action }) => `${row} ${action}`);

it('A takes the call that is displayed', async () => {
  const { desk, press } = await picked();
  desk.choose('v3');
  await press('KeyA');
  expect(acts()).toEqual(['v3 acknowledge']);
});

it('A takes picked calls, incidents and alerts, each row once', async () => {
  const { press } = await picked('v3', 'vv', 'gate');
  await press('KeyA');
  await vi.waitFor(() => expect(told.sent).toMatchObject([{ ids: ['gate'], isMany: true }]));
  expect(acts()).toEqual(['v3 acknowledge', 'vv acknowledge']);
});

it('X closes picked incidents whole, and says what is still open of one', async () => {
  const { desk, press, watch } = await picked();
  const mine = { ...OF_CALL, holder: OFFICER } as unknown as Row;
  await watch.worklist.take([listOf([...watch.alerts], [warehouse().incident, mine])]);
  desk.letIn();
  for (const id of ['v3', 'vv']) {
    desk.choose(id);
    await press('KeyY');
  }
  const refusal = { error: 'incident_open_points', detail: '', open_points: ['units'] };
  vi.mocked(incidentApi.command).mockRejectedValueOnce(new ApiError(409, refusal as never));
  desk.menu = 'close'; // what still burns of them was read
  await press('KeyX');
  await vi.waitFor(() => expect(desk.failed).toMatchObject([{ id: 'vv' }]));
  expect(desk.failed[0]?.why).toContain('Còn đơn vị ở ngoài');
  expect([acts(), told.sent]).toEqual([['v3 close'], []]);
});

it('what is written about a call stands beside its incident', async () => {
  const { desk, orders } = await picked();
  desk.choose('v3');
  orders.say('note', { note: 'gọi lại sau' });
  await vi.waitFor(() => expect(acts()).toEqual(['v3 join']));
});
