import { describe, expect, it } from 'vitest';

import { madeAlert } from '../alert/made';
import type { Camera } from '../api/types';
import { neighboursOf } from './neighbours';

const alert = madeAlert({ camera: 'here', lat: 21, lon: 105 });
const camera = (id: string, lat: number, state = 'online'): Camera =>
  ({ id, name: id, lat, lon: 105, state, picture: null, bearing_deg: null }) as Camera;

describe('the two cameras beside', () => {
  it('are the nearest that see, without the alert’s own', () => {
    const cameras = [
      camera('far', 21.003),
      camera('here', 21),
      camera('blind', 21.0001, 'backoff'),
      camera('near', 21.001),
      camera('farther', 21.004),
    ];
    expect(neighboursOf(alert, cameras).map((spot) => spot.id)).toEqual(['near', 'far']);
  });

  it('are none where the place is not known', () => {
    expect(neighboursOf({ ...alert, lat: null }, [camera('near', 21)])).toEqual([]);
  });
});
