/** The mock's cameras, alerts and changes, and the lives that alerts lead there. */

import { EventEmitter } from 'node:events';

import { madeAlert } from '../src/alert/made.ts';
import { iso, mockCameras, PLACES } from './mock-cameras.ts';
import type {
  Action,
  Alert,
  AlertDetail,
  Camera,
  Change,
  LogEntry,
  Person,
  RejectReason,
  User,
} from '../src/api/types.ts';

const KINDS: readonly [string, 1 | 2 | 3, string][] = [
  ['fire', 1, 'fire'],
  ['smoke', 1, 'smoke'],
  ['intrusion', 2, 'person'],
  ['fire', 1, 'fire'],
  ['crowd', 3, 'person'],
  ['camera_offline', 2, ''],
];
const BOXES = [
  [0.48, 0.34, 0.26, 0.34],
  [0.2, 0.3, 0.3, 0.45],
  [0.62, 0.05, 0.3, 0.5],
] as const;
const LEASE_MS: Readonly<Record<number, number>> = { 1: 120_000, 2: 600_000, 3: 3_600_000 };

export interface Refusal {
  status: number;
  body: { error: string; detail: string; by?: Person | null; at?: string | null; alert?: Alert };
}

export class World extends EventEmitter {
  readonly alerts = new Map<string, Alert>();
  readonly logs = new Map<string, LogEntry[]>();
  readonly changes: Change[] = [];
  readonly cameras: Camera[];
  provenAt = Date.now() - 90_000;
  #timer: ReturnType<typeof setInterval>;
  #count = 0;

  constructor() {
    super();
    this.setMaxListeners(100);
    this.cameras = mockCameras();
    this.#timer = setInterval(() => this.#expire(), 1000);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  raise(at: number, index = this.#count, part: Partial<Alert> = {}): Alert {
    const [place, area, agency] = PLACES[index % PLACES.length] ?? ['', '', ''];
    const [kind, priority, label] = KINDS[index % KINDS.length] ?? ['fire', 1, 'fire'];
    const camera = this.cameras[index % this.cameras.length];
    const number = (this.#count += 1);
    const alert = madeAlert({
      number: `CB-20261124-${String(number).padStart(6, '0')}`,
      id: `01935-${number}`,
      kind,
      priority,
      label,
      place: area,
      area: area.toLowerCase().replaceAll(' ', '-'),
      agency,
      camera: camera?.id ?? '',
      camera_name: place,
      lat: camera?.lat ?? null,
      lon: camera?.lon ?? null,
      confidence: label ? 0.5 + ((number * 37) % 49) / 100 : 0,
      box: label ? [...(BOXES[number % BOXES.length] ?? BOXES[0])] : [0, 0, 0, 0],
      raised_at: iso(at),
      last_seen_at: iso(at),
      spoke_at: iso(at),
      snapshot: kind === 'camera_offline' ? null : `/api/v1/evidence/picture-${index}`,
      clip: kind === 'camera_offline' ? null : `/api/v1/evidence/film-${index}`,
      reason: label
        ? `${5 + (number % 3)} of 8 looks · inner change ${11 + number} · warmth 61`
        : '',
      ...part,
    });
    this.logs.set(alert.id, [entry(at, 'system', 'opened', 'first')]);
    this.#save(alert, 'raised');
    return alert;
  }

  command(
    id: string,
    action: Action,
    by: User,
    words: { reason?: RejectReason; note?: string },
  ): Alert | Refusal {
    const alert = this.alerts.get(id);
    if (!alert)
      return {
        status: 404,
        body: { error: 'alert_not_found', detail: 'Không tìm thấy cảnh báo này.' },
      };
    const person = { username: by.username, name: by.name };
    const next = this.#next(alert, action, person, by, words.reason);
    if (next === null) {
      const detail = 'Người khác đã làm trước.';
      return {
        status: 409,
        body: { error: 'conflict', detail, by: alert.owner, at: alert.held_since, alert },
      };
    }
    const log = this.logs.get(id) ?? [];
    log.push(
      entry(Date.now(), by.username, action, words.reason ?? null, words.note ?? null, by.name),
    );
    this.logs.set(id, log);
    return this.#save({ ...next, version: alert.version + 1 }, action);
  }

  detail(alert: Alert): AlertDetail {
    const raised = Date.parse(alert.raised_at);
    const file = {
      sha256: 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
      bytes: 181_233,
    };
    const log = this.logs.get(alert.id) ?? [];
    const at = (action: string) => log.find((each) => each.action === action)?.at ?? null;
    return {
      ...alert,
      evidence: [
        { id: 'snapshot', kind: 'snapshot', url: alert.snapshot },
        { id: 'clip', kind: 'clip', url: alert.clip },
        { id: 'manifest', kind: 'manifest', url: `/api/v1/evidence/manifest-${alert.id}` },
      ].flatMap(({ url, ...named }) => (url ? [{ ...named, ...file, url }] : [])),
      log,
      steps: {
        captured: iso(raised - 1800),
        inferred: iso(raised - 350),
        spooled: iso(raised - 60),
        queued: iso(raised - 20),
        stored: iso(raised + 40),
        pushed: iso(raised + 90),
        rendered: iso(raised + 160),
        acknowledged: at('acknowledge'),
        verified: at('confirm') ?? at('reject'),
        closed: at('close'),
      },
    };
  }

  clearAll(): void {
    for (const alert of this.alerts.values())
      this.#save(
        { ...alert, version: alert.version + 1, condition: 'cleared', cleared_at: iso(Date.now()) },
        'cleared',
      );
  }

  #next(
    alert: Alert,
    action: Action,
    person: Person,
    by: User,
    reason?: RejectReason,
  ): Alert | null {
    const now = Date.now();
    const leads = by.role === 'leader' || by.role === 'admin';
    const mine = alert.owner?.username === person.username || leads;
    if (action === 'acknowledge' && alert.state === 'new') {
      return {
        ...alert,
        state: 'acknowledged',
        owner: person,
        acknowledged_at: iso(now),
        held_since: iso(now),
        lease_until: iso(now + (LEASE_MS[alert.priority] ?? 0)),
      };
    }
    const undecided = alert.state === 'acknowledged' || (alert.cosign_wanted_by !== null && leads);
    if (action === 'confirm' && undecided && mine)
      return {
        ...alert,
        state: 'confirmed',
        verdict_by: person,
        lease_until: null,
        reject_reason: null,
        cosign_wanted_by: null,
      };
    if (action === 'reject' && undecided && mine) {
      const why = reason ?? alert.reject_reason;
      if (alert.priority === 1 && !leads)
        return { ...alert, reject_reason: why, cosign_wanted_by: person };
      return {
        ...alert,
        state: 'rejected',
        reject_reason: why,
        verdict_by: person,
        lease_until: null,
        cosign_wanted_by: null,
      };
    }
    if (action === 'close' && (alert.state === 'confirmed' || alert.state === 'rejected'))
      return { ...alert, state: 'closed', closed_at: iso(now), closed_by: person };
    if (action === 'reopen' && leads) {
      return {
        ...alert,
        state: 'acknowledged',
        owner: person,
        acknowledged_at: iso(now),
        held_since: iso(now),
        lease_until: iso(now + 120_000),
        verdict_by: null,
        reject_reason: null,
        closed_at: null,
      };
    }
    return null;
  }

  #save(alert: Alert, kind: string): Alert {
    this.alerts.set(alert.id, alert);
    const change = { seq: this.changes.length + 1, kind, reason: '', alert };
    this.changes.push(change);
    this.emit('change', change);
    return alert;
  }

  #expire(): void {
    for (const alert of this.alerts.values()) {
      if (alert.state !== 'acknowledged' || Date.parse(alert.lease_until ?? '') > Date.now())
        continue;
      this.#save(
        {
          ...alert,
          version: alert.version + 1,
          state: 'new',
          owner: null,
          lease_until: null,
          spoke_at: iso(Date.now()),
          escalated_at: iso(Date.now()),
        },
        'lease_expired',
      );
    }
  }
}

function entry(
  at: number,
  actor: string,
  action: string,
  reason: string | null = null,
  note: string | null = null,
  name = actor,
): LogEntry {
  return { at: iso(at), actor, actor_name: name, action, reason, note, details: {} };
}
