import { describe, expect, it } from 'vitest';

import { madeAlert } from '../alert/made';
import { pinsOf } from './pins';

const AT = { lat: 21.03, lon: 105.85 };

describe('pins', () => {
  it('puts all alerts of one place under the gravest unanswered one', () => {
    const pins = pinsOf([
      madeAlert({ ...AT, id: 'a', priority: 1, state: 'confirmed' }),
      madeAlert({ ...AT, id: 'b', kind: 'intrusion', priority: 2, camera_name: 'Cổng' }),
      madeAlert({ ...AT, id: 'c', state: 'closed' }),
    ]);
    expect(pins).toHaveLength(1);
    expect(pins[0]).toMatchObject({ severity: 'p2', unanswered: true, count: 2, name: 'Cổng' });
  });

  it('never hides a fire that is worked on behind the trouble of its camera', () => {
    const [pin] = pinsOf([
      madeAlert({ ...AT, kind: 'camera_offline', priority: 2 }),
      madeAlert({ ...AT, kind: 'fire', priority: 1, state: 'acknowledged' }),
    ]);
    expect(pin).toMatchObject({ severity: 'p1', unanswered: false, count: 1 });
  });

  it('shows what is doubted in grey and below everything else', () => {
    const doubt = madeAlert({ priority: 3, lat: 1, lon: 1 });
    const crowd = madeAlert({ kind: 'crowd', priority: 3, lat: 2, lon: 2 });
    const pins = pinsOf([doubt, crowd]);
    expect(pins.map((pin) => [pin.lat, pin.doubted, pin.unanswered])).toEqual([
      [2, false, true],
      [1, true, false],
    ]);
    const [both] = pinsOf([doubt, { ...crowd, lat: 1, lon: 1 }]);
    expect(both).toMatchObject({ doubted: false, unanswered: true, count: 2 });
  });

  it('leaves out what has no place, and puts the unanswered P1 first', () => {
    const pins = pinsOf([
      madeAlert({ id: 'a', lat: null, lon: null }),
      madeAlert({ lat: 1, lon: 1, id: 'b', priority: 1, state: 'acknowledged' }),
      madeAlert({ lat: 2, lon: 2, id: 'c', priority: 1 }),
    ]);
    expect(pins.map((pin) => pin.lat)).toEqual([2, 1]);
  });

  it('marks what a call or a device told of too, and puts it first', () => {
    const pins = pinsOf([
      madeAlert({ lat: 1, lon: 1, raised_at: '2026-11-24T08:00:00Z' }),
      madeAlert({ lat: 2, lon: 2, corroboration: 'call' }),
    ]);
    expect(pins.map((pin) => [pin.lat, pin.sure])).toEqual([
      [2, true],
      [1, false],
    ]);
  });

  it('draws a drill under everything real', () => {
    const pins = pinsOf([
      madeAlert({ lat: 1, lon: 1, exercise: true }),
      madeAlert({ lat: 2, lon: 2, kind: 'crowd', priority: 3, state: 'acknowledged' }),
    ]);
    expect(pins.map((pin) => pin.exercise)).toEqual([false, true]);
  });

  it('ages with the oldest of the gravest', () => {
    const pins = pinsOf([
      madeAlert({ ...AT, id: 'a', raised_at: '2026-11-24T07:00:00Z' }),
      madeAlert({ ...AT, id: 'b', raised_at: '2026-11-24T06:00:00Z' }),
    ]);
    expect(pins[0]?.raisedAt).toBe(Date.parse('2026-11-24T06:00:00Z'));
  });
});
