/** What a command on a whole incident sends, and what is said of a command that was refused. */

import { isMine, isOfIncident, needsCosign } from '../alert/life';
import { ApiError, Unreachable, type Refusal } from '../api/client';
import type { Action, Alert, RejectReason, SourceReason, User } from '../api/types';
import { i18n } from '../i18n/i18n.svelte';
import {
  incidentApi,
  type Disposition,
  type IncidentAct,
  type OpenPoint,
  type Row,
} from '../incidents/incident';
import { notices } from '../shell/notices.svelte';
import { clockTime, instant } from '../time/format';
import { MENUS, type Menu } from './desk.svelte';

export interface Words {
  reason?: SourceReason;
  note?: string;
  /** Who takes it over. */
  to?: string;
  /** It was asked whether what is still seen shall be closed. */
  sure?: boolean;
  /** Of an incident that ends: how, what was done, and what is open and was read. */
  disposition?: Disposition;
  report?: string;
  despite?: readonly OpenPoint[];
}

/** Of alerts: their reason is none of a call's. */
export type AlertWords = Omit<Words, 'reason'> & { reason?: RejectReason };

/** What a command is for: an alert alone, or a source of an incident, with the incident. */
export interface Target {
  readonly id: string;
  readonly alert: Alert | null;
  readonly incident: Row | null;
}

/** What must be said with a command before it is sent; taking from a colleague is only confirmed. */
const ASKS: Readonly<Record<Menu, keyof Words | null>> = {
  reject: 'reason',
  reopen: 'note',
  note: 'note',
  claim: null,
  hand_over: 'to',
};

/** What an officer pressed while the same alert's last command was on its way. */
export interface Wish {
  readonly action: Action;
  readonly words: Words;
}

/** The menu that must be answered before this can be sent. */
export function menuOf({ action, words }: Wish): Menu | null {
  const menu = MENUS.find((each) => each === action);
  if (menu === undefined) return null;
  const asked = ASKS[menu];
  return asked !== null && words[asked] ? null : menu;
}

/** Send a command on an incident; a verdict and a note are of the source `id`, which is no alert. */
export async function commandIncident(
  incident: Row,
  id: string,
  action: Action,
  words: Words,
): Promise<void> {
  const { note = null, to, reason = null } = words;
  const source = incident.sources.find((one) => one.id === id);
  const send = (act: IncidentAct, body: object) => incidentApi.command(incident, act, body);
  if (action === 'close') await send('close', closing(incident, words));
  else if (isOfIncident(action)) await send(action, to ? { to, note } : { note });
  else if (action === 'note') await send('join', { type: 'note', note });
  else if (source) {
    const verdict = action === 'confirm' ? 'true' : 'false';
    await send(`sources/${source.type}/${id}/verdict`, { verdict, reason, note });
  }
}

/** Somebody else was first to take it. */
export function isHeld(error: unknown, action: Action): boolean {
  return (
    action === 'acknowledge' && error instanceof ApiError && error.refusal.error === 'incident_held'
  );
}

/** How an incident ends: as it was chosen; what nobody found real is a false alarm. */
function closing({ sources }: Row, { disposition, report, despite = [] }: Words): object {
  const isFalse = sources.every(({ verdict }) => verdict === 'false');
  const ended = disposition ?? (isFalse ? 'false_alarm' : null);
  return { disposition: ended, report: report || null, despite };
}

const OF_CLOSING: readonly string[] = [
  'disposition_missing',
  'report_missing',
  'despite_reason_missing',
  'not_controlled',
];

/** The centre wants to know more of an incident before it is closed. */
export function isOfClosing({ error, open_points: points }: Refusal): boolean {
  return (points ?? []).length > 0 || OF_CLOSING.includes(error);
}

/** "Bàn 1 đã nhận lúc 14:02:07", from the names and times of the refusal. */
function conflict(refusal: Refusal): string {
  const { outcome, states } = i18n.t;
  const { alert, by, detail, error } = refusal;
  if (!by || !alert) return detail || error;
  const time = timeOf(refusal.at);
  if (alert.state === 'new' || alert.state === 'acknowledged')
    return outcome.conflict(by.name, time);
  return outcome.conflictVerdict(by.name, states[alert.state], time);
}

function timeOf(iso: string | null | undefined): string {
  const at = instant(iso);
  return at === null ? '—' : clockTime(at);
}

/** Who holds it, and since when. */
export function heldBy({ alert, incident }: Target, user: User): string {
  const at = timeOf(incident ? incident.held_since : alert?.held_since);
  const holder = incident ? incident.holder : alert?.owner;
  if (holder?.username === user.username) return i18n.t.alert.mineSince(at);
  return i18n.t.outcome.conflict(holder?.name ?? i18n.t.nobody, at);
}

/** Say what the centre answered to a command on an alert, where the row does not show it. */
export function tellAnswer(action: Action, asked: Alert, answer: Alert, user: User): void {
  const { outcome } = i18n.t;
  if (action === 'acknowledge' && answer.owner && !isMine(answer, user))
    notices.tell(heldBy({ id: answer.id, alert: answer, incident: null }, user), 'warning');
  if (action === 'hand_over' && answer.owner) notices.tell(outcome.handedOver(answer.owner.name));
  if (action === 'note') notices.tell(outcome.noted);
  if (action === 'receipt') notices.tell(outcome.receipted);
  if (action === 'reject' && answer.state !== 'rejected' && needsCosign(asked, user))
    notices.tell(i18n.t.reject.p1, 'info');
}

/** Say why a command was not done. */
export function tellFailure(error: unknown): void {
  const { outcome } = i18n.t;
  if (error instanceof Unreachable) return notices.tell(outcome.unreachable, 'bad');
  if (!(error instanceof ApiError)) throw error;
  const { refusal, status } = error;
  if (status === 409) return notices.tell(conflict(refusal), 'warning');
  if (status === 412) return notices.tell(outcome.stale, 'warning');
  if (status === 403) return notices.tell(refusal.detail || outcome.forbidden, 'bad');
  notices.tell(outcome.failed(refusal.detail || refusal.error), 'bad');
}
