/** Alerts made for tests and for the development centre. */

import type { Alert } from '../api/types';
import { BUILT_KINDS } from './built-kinds';

let count = 0;

/** As the centre has it (`alerts/alert/answering_order.py`), for alerts that no centre made. */
export function madeUrgency(alert: Partial<Alert>): number {
  const { kind = 'fire', priority = 1, cosign_wanted_by: by, corroboration: told } = alert;
  if (BUILT_KINDS.get(kind)?.is_system) return 6;
  if (priority > 1) return priority + 2;
  return by ? 3 : told ? 1 : 2;
}

export function madeAlert(part: Partial<Alert> = {}): Alert {
  count += 1;
  const raised = part.raised_at ?? '2026-11-24T07:01:49.000Z';
  return {
    id: `alert-${count}`,
    number: `CB-20261124-${String(count).padStart(6, '0')}`,
    kind: 'fire',
    state: 'new',
    condition: 'active',
    priority: 1,
    version: 1,
    raised_at: raised,
    last_seen_at: raised,
    cleared_at: null,
    camera: 'th-017',
    camera_name: 'Trần Hưng Đạo – Hàng Bài',
    place: 'Phường Cửa Nam',
    area: 'cua-nam',
    agency: 'pc07',
    lat: 21.0245,
    lon: 105.8412,
    rule: 'fire',
    zone: null,
    label: 'fire',
    confidence: 0.86,
    box: [0.48, 0.34, 0.26, 0.34],
    detections: 6,
    reason: '6 of 6 looks · inner change 14 · warmth 61',
    unchecked: false,
    exercise: false,
    spoke_at: raised,
    spoke_reason: 'first',
    escalated_at: null,
    recurrence_of: null,
    owner: null,
    acknowledged_at: null,
    held_since: null,
    lease_until: null,
    verdict_by: null,
    reject_reason: null,
    cosign_wanted_by: null,
    takes_two: (part.priority ?? 1) === 1,
    closed_by: null,
    closed_at: null,
    snapshot: null,
    snapshot_boxed: null,
    clip: null,
    evidence_error: null,
    shelf: null,
    watch_area: null,
    shelved_until: null,
    belief: null,
    doubted: false,
    reasons: [],
    corroboration: null,
    corroborated_by: null,
    urgency: madeUrgency(part),
    ...part,
  };
}
