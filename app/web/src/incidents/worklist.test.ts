import { afterEach, expect, it, vi } from 'vitest';

import { rowOf } from '../desk/made-night';
import { incidentApi, type WorklistPage } from './incident';
import { Worklist } from './worklist.svelte';

afterEach(() => void vi.restoreAllMocks());

const pageOf = (ids: readonly string[], count: number, version: number): WorklistPage => {
  const source_counts = [{ kind: 'camera' as const, count }];
  const items = [{ ...rowOf(ids), source_counts, version }];
  return { items, next: null } as unknown as WorklistPage;
};

it('no source falls out of its row while a longer list of sources is on its way', async () => {
  const whole = vi.spyOn(incidentApi, 'row').mockReturnValueOnce(new Promise(() => undefined));
  const list = new Worklist();
  await list.take([pageOf(['camera', 'call'], 2, 1)]);
  void list.take([pageOf(['message', 'call'], 3, 2)]); // the judged camera is not among the first
  expect(list.rowOf('camera')).toBe('vv');
  expect(list.get('vv')?.sources.map(({ id }) => id)).toEqual(['message', 'call', 'camera']);
  whole.mockResolvedValueOnce(rowOf(['message', 'call', 'panel'], { version: 3 }));
  await list.take([pageOf(['message', 'call'], 3, 3)]);
  expect(list.get('vv')?.sources.map(({ id }) => id)).toEqual(['message', 'call', 'panel']);
});
