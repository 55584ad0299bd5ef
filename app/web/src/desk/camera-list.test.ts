import { describe, expect, it } from 'vitest';

import type { Camera, CameraList, CameraNews } from '../api/types';
import { follows, merged } from './camera-list.svelte';

const camera = (id: string, state = 'online', ends_at: string | null = null): Camera =>
  ({ id, state, ends_at }) as Camera;

const told = (items: Camera[], gone: string[] | null): CameraList => ({
  items,
  gone,
  next: null,
  version: 'run-2',
});

const states = (cameras: readonly Camera[]): string[] =>
  cameras.map(({ id, state }) => `${id} ${state}`);

describe('the cameras that a screen knows', () => {
  const before = [camera('a'), camera('b'), camera('c')];

  it('are replaced by a whole list', () => {
    expect(states(merged(before, told([camera('z')], null)))).toEqual(['z online']);
  });

  it('keep their places when one changes, comes or goes', () => {
    const after = merged(before, told([camera('b', 'backoff'), camera('d')], ['a']));
    expect(states(after)).toEqual(['b backoff', 'c online', 'd online']);
  });

  it('are the same list when nothing changed', () => {
    expect(merged(before, told([], []))).toBe(before);
  });

  it('take what the stream says only upon a version that it names', () => {
    const news: CameraNews = { after: ['run-2', 'run-3'], items: [], gone: [], version: 'run-4' };
    expect(['run-1', 'run-2', 'run-3', 'run-4', null].map((one) => follows(news, one))).toEqual([
      false,
      true,
      true,
      false,
      false,
    ]);
  });

  it('lose a phone that sends no more', () => {
    const phone = camera('phone-1', 'online', '2026-11-24T01:00:00Z');
    expect(states(merged([...before, phone], told([phone], [])))).toContain('phone-1 online');
    expect(states(merged([...before, phone], told([], [])))).toHaveLength(3);
  });
});
