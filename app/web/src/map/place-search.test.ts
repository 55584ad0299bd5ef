import { describe, expect, it } from 'vitest';

import type { Camera } from '../api/types';
import { camerasNamed, placeOf } from './place-search.svelte';

const CAMERA = { id: 'cam-1', name: 'Hàng Bài – Lý Thường Kiệt', lat: 21, lon: null } as Camera;

describe('a place in the address', () => {
  it.each([
    ['?at=21.0285,105.8542', { lat: 21.0285, lon: 105.8542 }],
    ['?at=-1,-2', { lat: -1, lon: -2 }],
    ['?at=91,0', null],
    ['?at=,', null],
    ['?at=21', null],
    ['?at=a,b', null],
    ['', null],
  ])('%s', (search, place) => expect(placeOf(search)).toEqual(place));
});

describe('cameras by name', () => {
  it('are found without marks and in any order', () => {
    expect(camerasNamed('kiet hang bai', [CAMERA])).toMatchObject([
      { kind: 'camera', beside: 'cam-1', at: null },
    ]);
    expect(camerasNamed('hàng gai', [CAMERA])).toEqual([]);
    expect(camerasNamed(' ', [CAMERA])).toEqual([]);
  });
});
