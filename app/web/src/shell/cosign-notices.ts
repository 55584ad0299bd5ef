/** Which rejections that wait for a leader are told of: one an incident, not one a source. Pure. */

import { isForLeader } from '../alert/triage';
import type { Alert } from '../api/types';

export class CosignNotices {
  readonly #told = new Set<string>();

  /** False while another source of its row waits for the same word, and was told of. */
  isNews(alert: Alert, alerts: readonly Alert[], rowOf: (id: string) => string): boolean {
    const row = rowOf(alert.id);
    const waits = alerts.some(
      (other) => other.id !== alert.id && rowOf(other.id) === row && isForLeader(other),
    );
    if (waits && this.#told.has(row)) return false;
    this.#told.add(row);
    return true;
  }
}
