/** What is still open of a row when somebody wants to close it. Pure. */

import type { Alert } from '../api/types';
import { burnsOn } from '../history/outcome';
import type { IncidentDetail } from '../incidents/incident';

export interface OpenQuestions {
  /** Sources that nobody has judged: nothing ends while there is one. */
  readonly unsettled: readonly Alert[];
  /** Confirmed, and still seen. */
  readonly burning: readonly Alert[];
  /** Units that were told and have not left. */
  readonly units: readonly string[];
  /** Cameras of sources that give no picture: nobody sees whether it is over. */
  readonly blind: readonly string[];
}

export function questionsOf(
  sources: readonly Alert[],
  detail: IncidentDetail | null,
  blind: ReadonlySet<string>,
): OpenQuestions {
  const open = sources.filter(({ state }) => state !== 'closed');
  return {
    unsettled: open.filter(({ state }) => state === 'new' || state === 'acknowledged'),
    burning: open.filter(burnsOn),
    units: (detail?.assignments ?? []).filter(isOut).map(({ told }) => told),
    blind: [
      ...new Set(open.filter(({ camera }) => blind.has(camera)).map((one) => one.camera_name)),
    ],
  };
}

/** One source that nobody has judged is refused in its own words; of several, the others are named. */
export function isAskedAbout({ unsettled, burning, units, blind }: OpenQuestions): boolean {
  return unsettled.length + burning.length + units.length + blind.length > 0;
}

function isOut(one: IncidentDetail['assignments'][number]): boolean {
  return one.unit !== null && one.ended_at === null;
}
