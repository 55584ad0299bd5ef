/** Which cameras give no picture worth watching, and what to say about them. Pure. */

import type { Camera } from '../api/types';

export function isSeeing(camera: Pick<Camera, 'state'>): boolean {
  return camera.state === 'online';
}

/** What the desk may say about its sight. Calm is only ever said when every camera sees. */
export type Sight =
  | { readonly kind: 'unknown' } // the centre has not spoken yet
  | { readonly kind: 'no_camera' }
  | { readonly kind: 'blind'; readonly blind: number; readonly online: number; readonly total: number }
  | { readonly kind: 'seeing'; readonly online: number; readonly total: number };

export function sightOf(counts: { cameras_total: number; cameras_online: number } | null): Sight {
  if (counts === null) return { kind: 'unknown' };
  const { cameras_total: total, cameras_online: online } = counts;
  if (total === 0) return { kind: 'no_camera' };
  if (online < total) return { kind: 'blind', blind: total - online, online, total };
  return { kind: 'seeing', online, total };
}
