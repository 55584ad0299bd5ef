import { expect, it } from 'vitest';

import type { Camera } from '../api/types';
import { blindPlaces } from './blind-places';
import { madeAlert } from './made';

const AT = { lat: 21.03, lon: 105.85 };
const blind = (id: string, part: object = AT) =>
  ({ id, name: id, since: null, ...AT, ...part }) as Camera;

it('counts places, not cameras', () => {
  const cameras = [blind('a'), blind('b'), blind('far', { lat: 21.1 }), blind('?', { lat: null })];
  expect(blindPlaces(cameras, []).places).toBe(3);
  expect(blindPlaces([], [madeAlert()])).toEqual({ places: 0, covered: [] });
});

it('names an open happening whose camera is blind, or that lies where nothing is seen', () => {
  const own = madeAlert({ camera: 'a', camera_name: 'Kho', lat: null, lon: null });
  const beside = madeAlert({ ...AT, camera: 'z', camera_name: 'Chợ' });
  const elsewhere = madeAlert({ lat: 22, lon: 105 });
  const over = madeAlert({ camera: 'a', camera_name: 'Cũ', state: 'closed' });
  const fault = madeAlert({ camera: 'a', camera_name: 'Máy', kind: 'camera_offline' });
  const { covered } = blindPlaces([blind('a')], [own, beside, elsewhere, over, fault]);
  expect(covered).toEqual(['Kho', 'Chợ']);
});
