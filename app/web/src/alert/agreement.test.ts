import { describe, expect, it } from 'vitest';

import { burnsBeside } from './agreement';
import { madeAlert } from './made';

const here = madeAlert({ id: 'here', lat: 21.02, lon: 105.85 });
const beside = { camera: 'th-018', lat: 21.0215, lon: 105.85 } as const; // 167 m north
const ids = (alerts: ReturnType<typeof burnsBeside>) => alerts.map(({ id }) => id);

describe('neighbours that burn together', () => {
  it.each([
    ['a camera 167 m away', {}, ['other']],
    ['its smoke', { kind: 'smoke' }, ['other']],
    ['the same camera', { camera: here.camera }, []],
    ['445 m away', { lat: 21.024 }, []],
    ['an unknown place', { lat: null }, []],
    ['a crowd', { kind: 'crowd' }, []],
    ['a quarter of an hour before', { raised_at: '2026-11-24T06:46:00Z' }, []],
    ['what was found false', { state: 'rejected', reject_reason: 'steam' }, []],
    ['what is over', { state: 'closed' }, []],
    ['a drill', { exercise: true }, []],
  ] as const)('%s', (_, part, found) => {
    const other = madeAlert({ id: 'other', ...beside, ...part });
    expect(ids(burnsBeside(here, [here, other]))).toEqual(found);
  });

  it('takes a fire that is still seen as of now, however long ago it began', () => {
    const long = { raised_at: '2026-11-24T06:20:00Z', last_seen_at: '2026-11-24T07:01:40Z' };
    const other = madeAlert({ id: 'other', ...beside, ...long });
    expect(ids(burnsBeside(here, [here, other]))).toEqual(['other']);
    expect(ids(burnsBeside(other, [here, other]))).toEqual(['here']);
  });

  it('asks nothing about what does not burn', () => {
    const crowd = madeAlert({ kind: 'crowd', lat: 21.02, lon: 105.85 });
    expect(burnsBeside(crowd, [madeAlert(beside)])).toEqual([]);
  });
});
