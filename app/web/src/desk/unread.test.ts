/** Nothing is signed before it can have been read, and a device's L shows a camera beside it. */

import { beforeEach, expect, it, vi } from 'vitest';

import type { Camera } from '../api/types';
import { madeAlert } from '../alert/made';
import { atRest, seatOf, told } from './key-seat';
import { LEADER, night, OFFICER } from './made-night';

beforeEach(atRest);

it('two fast Enters do not co-sign; one after the reason was shown does', async () => {
  const { desk, press } = await seatOf(LEADER, night());
  desk.choose('waits');
  await press('Enter');
  for (const code of ['Enter', 'Digit1']) await press(code, 200);
  expect([desk.menu, told.sent]).toEqual(['reject', []]);
  await press('Enter', 1000);
  expect(told.sent).toMatchObject([{ ids: ['waits'], action: 'reject' }]);
});

it('L at a panel shows the nearest camera, never the panel', async () => {
  const panel = madeAlert({ id: 'panel-1', rule: 'device', camera: 'panel-9' });
  const { desk, watch, press } = await seatOf(OFFICER, [panel]);
  desk.choose('panel-1');
  await press('KeyL');
  expect(told.live).toEqual([]);
  const near = {
    id: 'th-9',
    name: 'Hàng Bài',
    lat: 21.0255,
    lon: 105.8412,
    state: 'online',
    picture: null,
    bearing_deg: null,
  };
  vi.spyOn(watch, 'cameras', 'get').mockReturnValue([near as unknown as Camera]);
  await press('KeyL');
  expect(told.live).toEqual(['th-9']);
});
