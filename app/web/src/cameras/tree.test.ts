import { describe, expect, it } from 'vitest';

import type { Camera } from '../api/types';
import { treeOf } from './tree';

function camera(id: string, change: Partial<Camera> = {}): Camera {
  return {
    id,
    name: `Camera ${id}`,
    area: 'hk',
    agency: 'pc07',
    lat: null,
    lon: null,
    bearing_deg: null,
    state: 'online',
    reason: null,
    detail: null,
    picture: 'ok',
    since: null,
    worker: null,
    sees: false,
    moving: false,
    turns: false,
    ends_at: null,
    ...change,
  };
}

const NAMES = {
  agency: (id: string | null) => (id === 'pc07' ? 'PCCC' : ''),
  area: (id: string | null) => (id === 'hk' ? 'Phường Hoàn Kiếm' : ''),
};
const ALL = { text: '', blindOnly: false };
const CAMERAS = [
  camera('b'),
  camera('a'),
  camera('z', { state: 'backoff' }),
  camera('d', { area: null, agency: null, picture: 'dark' }),
];

function shown(question = ALL): string[][] {
  return treeOf(CAMERAS, NAMES, question).map((branch) => branch.cameras.map((each) => each.id));
}

describe('the tree of cameras', () => {
  it('has blind ones first, everywhere', () => {
    expect(shown()).toEqual([['d'], ['z', 'a', 'b']]);
    expect(treeOf(CAMERAS, NAMES, ALL)[1]).toMatchObject({ seeing: 2, area: 'hk' });
  });

  it('shows the blind ones alone', () => {
    expect(shown({ text: '', blindOnly: true })).toEqual([['d'], ['z']]);
  });

  it.each([
    ['hoan kiem a', [['z', 'a', 'b']]],
    ['camera d', [['d']]],
    ['nothing like it', []],
  ])('finds %s', (text, found) => expect(shown({ text, blindOnly: false })).toEqual(found));
});
