/** Which cameras give no picture worth watching, and what to say about them. Pure. */

import type { Camera } from '../api/types';

/** Pictures come, and they are worth something (not frozen, dark, moved or torn). */
export function isSeeing(camera: Pick<Camera, 'state' | 'picture'>): boolean {
  return camera.state === 'online' && (camera.picture === null || camera.picture === 'ok');
}

/** The word for why a camera is blind: its picture's fault if pictures come, else its state. */
export function blindnessOf(camera: Pick<Camera, 'state' | 'picture'>): string {
  return camera.state === 'online' ? (camera.picture ?? camera.state) : camera.state;
}

/** Two self-tests are missing, and a minute: the centre raises `self_test_missed` then. */
const PROOF_LATE_MS = 660_000;

/** Whether the last self-test that came through is missing, or too long ago to trust. */
export function isProofLate(proven: number | null, now: number): boolean {
  return proven === null || now - proven > PROOF_LATE_MS;
}

/** What the desk may say about its sight. Calm is only ever said when every camera sees. */
export type Sight =
  | { readonly kind: 'unknown' } // the centre has not spoken yet, or no longer speaks
  | { readonly kind: 'no_camera' }
  | {
      readonly kind: 'blind';
      readonly blind: number;
      readonly online: number;
      readonly total: number;
    }
  | { readonly kind: 'seeing'; readonly online: number; readonly total: number };

interface Counts {
  readonly cameras_total: number;
  readonly cameras_online: number;
}

/** `knownBlind` counts cameras that are online and yet see nothing as well; the worse count holds. */
export function sightOf(counts: Counts | null, knownBlind: number): Sight {
  if (counts === null) return { kind: 'unknown' };
  const total = counts.cameras_total;
  if (total === 0) return { kind: 'no_camera' };
  const blind = Math.min(total, Math.max(total - counts.cameras_online, knownBlind));
  if (blind > 0) return { kind: 'blind', blind, online: total - blind, total };
  return { kind: 'seeing', online: total, total };
}
