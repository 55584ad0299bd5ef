import { afterEach, expect, it, vi } from 'vitest';

import { MOST_CLOSED, MOST_CLOSED_KEPT } from '../alert/book';
import { madeAlert } from '../alert/made';
import { api } from '../api/client';
import type { Alert } from '../api/types';
import { incidentApi } from '../incidents/incident';
import type { StreamListener } from '../link/stream.svelte';
import { BINH, listOf, OFFICER, rowOf } from './made-night';
import { Watch, type WatchListener } from './watch.svelte';

const NOBODY: WatchListener = {
  spoke: () => undefined,
  shelved: () => undefined,
  handedOver: () => undefined,
  takenOver: () => undefined,
  cosignWanted: () => undefined,
  reloaded: () => undefined,
  backSince: () => undefined,
};

afterEach(() => vi.restoreAllMocks());

it('keeps an alert that a newer list brought when an older list comes after it', async () => {
  const [before, since] = [madeAlert({ id: 'before' }), madeAlert({ id: 'since' })];
  let late = (_: Alert[]): void => undefined;
  const asked = vi.spyOn(api, 'alerts').mockResolvedValue([]);
  asked.mockReturnValueOnce(new Promise((answer) => (late = answer))).mockResolvedValueOnce([]);
  asked.mockResolvedValueOnce([before, since]);
  const watch = new Watch(NOBODY, false);
  const older = watch.reload();
  expect(await watch.reload()).toBe(true);
  late([before]);
  expect(await older).toBe(false);
  expect(watch.alerts.map(({ id }) => id)).toEqual(['before', 'since']);
});

it('is not said to have failed by an older question than the one that was answered', async () => {
  vi.spyOn(console, 'error').mockReturnValue();
  let fail = (_: Error): void => undefined;
  const asked = vi.spyOn(api, 'alerts').mockResolvedValue([]);
  asked.mockReturnValueOnce(new Promise((_, reject) => (fail = reject)));
  const watch = new Watch(NOBODY, false);
  const older = watch.reload();
  await watch.reload();
  fail(new TypeError('cut'));
  expect(await older).toBe(false);
  expect(watch.loading).toBe('ready');
});

it('knows since when it has all that was closed, whatever older alert is closed later', async () => {
  const HOUR_MS = 3_600_000;
  const closedAt = (ms: number, id = `c${ms}`): Alert =>
    madeAlert({ id, state: 'closed', raised_at: new Date(ms).toISOString() });
  const newest = (count: number) =>
    Array.from({ length: count }, (_, i) => closedAt((count - i) * HOUR_MS));
  const asked = vi.spyOn(api, 'alerts').mockResolvedValue([]);
  const watch = new Watch(NOBODY, false);
  expect(watch.closedWholeAfter).toBe(Infinity);
  await watch.reload();
  expect(watch.closedWholeAfter).toBe(-Infinity);
  asked.mockResolvedValueOnce([]).mockResolvedValueOnce(newest(MOST_CLOSED));
  await watch.reload();
  watch.learn(closedAt(0, 'of yesterday'));
  expect(watch.closedWholeAfter).toBe(HOUR_MS);
  const many = newest(2 * MOST_CLOSED_KEPT);
  watch.learn(...many);
  expect(watch.alerts.length).toBe(MOST_CLOSED_KEPT);
  expect(watch.closedWholeAfter).toBe(MOST_CLOSED_KEPT * HOUR_MS);
});

it('tells whose incident another took over, once, though it has calls alone or many alerts', async () => {
  const takenOver = vi.fn();
  const watch = new Watch({ ...NOBODY, takenOver }, false);
  const mine = rowOf(['one', 'two'], { holder: OFFICER });
  const alerts = ['one', 'two'].map((id) => madeAlert({ id, owner: OFFICER }));
  watch.learn(...alerts);
  await watch.worklist.take([listOf(alerts, [mine])]);
  vi.spyOn(incidentApi, 'row').mockResolvedValue({ ...mine, version: 2, holder: BINH });
  const { listener: on } = watch.stream as unknown as { listener: StreamListener };
  for (const [seq, alert] of alerts.entries()) {
    const change = { seq, kind: 'claimed', alert: { ...alert, owner: BINH, version: 2 } };
    on.event({ event: 'change', id: '1', data: JSON.stringify(change) } as never);
  }
  on.heard();
  const incident = { reason: 'incident_claimed', incident: { id: 'vv' } };
  on.event({ event: 'incident', id: '3', data: JSON.stringify(incident) } as never);
  await vi.waitFor(() => expect(takenOver).toHaveBeenCalled());
  expect(takenOver.mock.calls).toMatchObject([[{ from: 'an', holder: BINH, of: { id: 'vv' } }]]);
});
