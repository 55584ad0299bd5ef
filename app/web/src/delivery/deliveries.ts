/** How a target does, from what the centre says of it. Pure. */

import type { components } from '../api/schema';

type Target = components['schemas']['TargetResponse'];

export type TargetCondition = 'well' | 'late' | 'refused' | 'untold' | 'gone';

export function conditionOf(
  target: Pick<Target, 'kind' | 'waiting_since' | 'dead' | 'error' | 'tried_at'>,
): TargetCondition {
  if (target.kind === null) return 'gone';
  if (target.error !== null && target.waiting_since !== null) return 'late';
  if (target.dead > 0) return 'refused';
  return target.tried_at === null ? 'untold' : 'well';
}
