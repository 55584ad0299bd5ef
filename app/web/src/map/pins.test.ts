import { describe, expect, it } from 'vitest';

import { madeAlert } from '../alert/made';
import type { Alert } from '../api/types';
import { rowOf } from '../desk/made-night';
import { entriesOf, entryOfAlert } from '../incidents/entries';
import { pinsOf } from './pins';

const AT = { lat: 21.03, lon: 105.85 };
const pinsOfAlerts = (...alerts: readonly Alert[]) => pinsOf(alerts.map(entryOfAlert));

describe('pins', () => {
  it('puts all alerts of one place under the gravest, and never hides a fire that is worked on', () => {
    const pins = pinsOfAlerts(
      madeAlert({ ...AT, id: 'b', kind: 'intrusion', priority: 2, camera_name: 'Cổng' }),
      madeAlert({ ...AT, id: 'a', priority: 1, state: 'confirmed', camera_name: 'Kho' }),
    );
    expect(pins).toHaveLength(1);
    expect(pins[0]).toMatchObject({ severity: 'p1', unanswered: true, count: 2, name: 'Kho' });
  });

  it('is one an incident, with its sources, where the incident was placed', () => {
    const cameras = [1, 2].map((lat) => madeAlert({ id: `cam ${lat}`, lat, lon: 1 }));
    const place = { text: 'Kho', ward: null, ...AT };
    const source_counts = [
      { kind: 'camera' as const, count: 2 },
      { kind: 'call' as const, count: 1 },
    ];
    const rows = [
      rowOf(['cam 1', 'cam 2'], {
        place,
        source_counts,
        urgency: 1,
        holder: null,
        since: '2026-11-24T07:00:00Z',
      }),
      rowOf([], { id: 'call', place: { ...place, lat: 3 }, urgency: 0, section: 'working' }),
    ];
    const pins = pinsOf(entriesOf(cameras, { rows, isFresh: () => false, rowFor: () => null }));
    expect(pins).toMatchObject([
      { lat: 3, name: 'Kho', unanswered: false, sure: false },
      { ...AT, count: 1, sources: source_counts, unanswered: true, sure: true },
    ]);
    expect(pins[1]?.since).toBe(Date.parse('2026-11-24T07:00:00Z'));
  });

  it('shows what is doubted in grey and below everything else', () => {
    const doubt = madeAlert({ priority: 3, lat: 1, lon: 1 });
    const crowd = madeAlert({ kind: 'crowd', priority: 3, lat: 2, lon: 2 });
    const pins = pinsOfAlerts(doubt, crowd);
    expect(pins.map((pin) => [pin.lat, pin.doubted, pin.unanswered])).toEqual([
      [2, false, true],
      [1, true, false],
    ]);
    const [both] = pinsOfAlerts(doubt, { ...crowd, lat: 1, lon: 1 });
    expect(both).toMatchObject({ doubted: false, unanswered: true, count: 2 });
  });

  it('leaves out what has no place', () => {
    const pins = pinsOfAlerts(madeAlert({ lat: null, lon: null }), madeAlert({ lat: 2, lon: 2 }));
    expect(pins.map((pin) => pin.lat)).toEqual([2]);
  });

  it('marks what a call or a device told of too, and puts it first', () => {
    const pins = pinsOfAlerts(
      madeAlert({ lat: 1, lon: 1, raised_at: '2026-11-24T08:00:00Z' }),
      madeAlert({ lat: 2, lon: 2, corroboration: 'call' }),
    );
    expect(pins.map((pin) => [pin.lat, pin.sure])).toEqual([
      [2, true],
      [1, false],
    ]);
  });

  it('draws a drill under every real P1', () => {
    const pins = pinsOfAlerts(
      madeAlert({ lat: 1, lon: 1, exercise: true, state: 'confirmed' }),
      madeAlert({ lat: 2, lon: 2, state: 'acknowledged' }),
    );
    expect(pins.map((pin) => pin.exercise)).toEqual([false, true]);
  });

  it('ages with the oldest of the gravest', () => {
    const pins = pinsOfAlerts(
      madeAlert({ ...AT, id: 'a', raised_at: '2026-11-24T07:00:00Z' }),
      madeAlert({ ...AT, id: 'b', raised_at: '2026-11-24T06:00:00Z' }),
    );
    expect(pins[0]?.since).toBe(Date.parse('2026-11-24T06:00:00Z'));
  });
});
