/** What may be laid aside around one alert, and for how long. Pure. */

import type { Alert } from '../api/types';
import type { components } from '../api/schema';

export type Shelf = components['schemas']['ShelvingResponse'];
export type Shelving = components['schemas']['CreateShelvingRequest'];

/** How much of a camera's watch is laid aside. */
export type Reach = 'rule' | 'zone' | 'camera';

/** In minutes; the centre takes nothing longer than a day. */
export const LENGTHS_MIN = [15, 30, 60, 120, 240, 480, 720, 1439] as const;

export function reachesOf(alert: Alert): readonly Reach[] {
  return ['rule', ...(alert.zone ? (['zone'] as const) : []), 'camera'];
}

export interface Wanted {
  readonly reach: Reach;
  readonly reason: string;
  readonly minutes: number;
  readonly coversP1: boolean;
  /** Asked a second time, because a confirmed fire of the camera is open. */
  readonly isAsked: boolean;
}

export function shelvingOf(alert: Alert, wanted: Wanted, now: number): Shelving {
  return {
    camera: alert.camera,
    rule: wanted.reach === 'rule' ? alert.rule : null,
    zone: wanted.reach === 'zone' ? alert.zone : null,
    name: null,
    reason: wanted.reason.trim(),
    until: now / 1000 + wanted.minutes * 60,
    covers_p1: wanted.coversP1,
    despite_confirmed: wanted.isAsked,
  };
}
