/** What each key does on the desk. Keys typed into a field stay in the field. */

import { isOfDevice } from '../alert/film';
import { awaitsCosign, leads, mayAct } from '../alert/life';
import { compareForTriage, isForLeader } from '../alert/triage';
import type { Action } from '../api/types';
import { i18n } from '../i18n/i18n.svelte';
import { isTypedInto } from '../keys/hears-keys';
import { commandFor, digitOf, type Command } from '../keys/keymap';
import { keys } from '../keys/keys.svelte';
import { duty } from '../shifts/duty.svelte';
import { notices } from '../shell/notices.svelte';
import { sound } from '../sound/sound.svelte';
import { clock } from '../time/clock.svelte';
import type { Desk } from './desk.svelte';
import { neighboursOf } from './neighbours';
import type { Orders } from './orders.svelte';
import type { Player } from './player.svelte';
import type { RowIncident } from '../incidents/row-incident.svelte';

interface Parts {
  desk: Desk;
  orders: Orders;
  player: Player;
  work: RowIncident;
  /** The units that stand open to be sent hear a key first; false where it is none of theirs. */
  dispatch: (event: KeyboardEvent) => boolean;
  help: () => void;
  search: () => void;
}

const ORDERS: readonly Action[] = ['acknowledge', 'confirm', 'reject', 'close', 'note'];

export class DeskKeys {
  constructor(private readonly parts: Parts) {}

  press(event: KeyboardEvent): void {
    if (isTypedInto(event.target)) return;
    if (this.parts.dispatch(event) || this.#digit(event)) return event.preventDefault();
    const command = commandFor(event, keys.map) ?? arrow(event);
    if (command === null || (!keys.singleKeys && isSingle(command))) return;
    if (isPressable(event.target) && (command === 'open' || command === 'play')) return;
    event.preventDefault();
    this.#obey(command);
  }

  /** A digit answers the menu that stands open, or is about to. */
  #digit(event: KeyboardEvent): boolean {
    const digit = digitOf(event);
    const { desk, orders } = this.parts;
    if (digit === null) return false;
    if (desk.menu === 'hand_over') return this.#handOver(digit);
    if (desk.menu === 'reject' || orders.isAboutToReject) return this.#reject(digit);
    return desk.menu === null && this.#source(digit);
  }

  /** Displays the nth source of the row. */
  #source(digit: number): boolean {
    const { desk } = this.parts;
    const source = desk.row?.sources[digit - 1];
    if (source) desk.choose(source.id);
    return source !== undefined;
  }

  #handOver(digit: number): boolean {
    const colleague = duty.colleagues(this.parts.desk.user.username)[digit - 1];
    if (colleague) this.parts.orders.say('hand_over', { to: colleague.username });
    return true;
  }

  #reject(digit: number): boolean {
    const reason = this.parts.desk.reasons[digit === 0 ? 9 : digit - 1];
    // "Other" says nothing by itself: its note must be written first.
    if (reason && reason !== 'other') this.parts.orders.say('reject', { reason });
    else document.getElementById('reject-note')?.focus();
    return true;
  }

  #obey(command: Command): void {
    const { desk, orders, player, work, help, search } = this.parts;
    const order = ORDERS.find((each) => each === command);
    if (order) return orders.press(order);
    const rest: Partial<Record<Command, () => void>> = {
      next: () => desk.step(1),
      previous: () => desk.step(-1),
      open: () => this.#open(),
      silence: () => silence(),
      dispatch: () => orders.dispatch(),
      join: () => this.#ofRow(() => work.join()),
      separate: () => this.#separate(),
      held: () => desk.showHeld(),
      pick: () => desk.pick.toggle(),
      pick_group: () => desk.pick.group(),
      live: () => this.#live(),
      play: () => player.togglePlay(),
      search,
      help,
      cancel: () => this.#cancel(),
    };
    rest[command]?.();
  }

  /** What changes an incident is for the row that is displayed, and was before the key came down. */
  #ofRow(work: () => Promise<unknown>): void {
    const { desk } = this.parts;
    if (!mayAct(desk.user)) notices.tell(i18n.t.outcome.forbidden, 'warning');
    else if (desk.isGuarded) notices.tell(i18n.t.outcome.guarded, 'warning');
    else void work();
  }

  /** The displayed source becomes a row of its own; the last one of a row stays. */
  #separate(): void {
    const { desk, work } = this.parts;
    const { source, incident } = desk;
    if (!source || !incident || incident.sources.length < 2)
      return notices.tell(i18n.t.row.oneSource, 'warning');
    this.#ofRow(() => work.act('separate', { type: source.type, id: source.id }));
  }

  /** A leader's Enter goes to what waits for a signature, shows the reason that was proposed, signs it. */
  #open(): void {
    const { desk, orders } = this.parts;
    const waits = desk.commanded.length > 0 && desk.commanded.every(awaitsCosign);
    if (waits && leads(desk.user)) {
      if (desk.menu === 'reject') return orders.say('reject', {});
      if (desk.menu === null) return orders.press('reject');
    }
    const waiting =
      desk.menu === null &&
      leads(desk.user) &&
      desk.watch.alerts.filter(isForLeader).sort(compareForTriage)[0];
    if (waiting && waiting.id !== desk.selectedId) return desk.find(waiting.id);
    if (this.parts.desk.selectedId) this.parts.desk.choose(this.parts.desk.selectedId);
    document.getElementById('evidence')?.focus();
  }

  /** The camera's own live picture, unless a device tells, those of the cameras beside it, the evidence. */
  #live(): void {
    const { desk, player } = this.parts;
    if (!desk.selected) return desk.watch.loading === 'ready' ? undefined : player.toggleLive();
    const near = neighboursOf(desk.selected, desk.watch.cameras).map(({ id }) => id);
    const hasLens = !isOfDevice(desk.selected);
    if (!hasLens && near.length === 0) return notices.tell(i18n.t.outcome.noCameraNear, 'warning');
    const isLive = player.showing === 'live';
    const shown = isLive ? near.indexOf(player.liveOf ?? '') : hasLens ? null : -1;
    const next = shown === null ? undefined : near[shown + 1];
    player.toggleLive(next ?? (shown === null ? undefined : (player.liveOf ?? undefined)));
  }

  #cancel(): void {
    const { desk } = this.parts;
    if (desk.menu !== null) desk.menu = null;
    else if (desk.pick.ids.size + desk.pick.waiting > 0) desk.pick.end();
    else if (notices.list.length > 0) notices.clear();
    else if (desk.question !== '') desk.search('');
  }
}

/** Quiet for a minute, or sounding again; said in words, because silence answers nothing. */
export function silence(): void {
  const quiet = sound.toggleSilence(clock.read());
  notices.tell(quiet ? i18n.t.outcome.silenced : i18n.t.outcome.unsilenced);
}

function isPressable(target: EventTarget | null): boolean {
  const pressed = 'button, a, summary, [type=checkbox]';
  return target instanceof HTMLElement && target.closest(pressed) !== null;
}

function isSingle(command: Command): boolean {
  return /^(Key.|Digit.|Space|Comma|Period|Semicolon|Slash)$/.test(keys.map[command]);
}

function arrow(event: KeyboardEvent): Command | null {
  if (!(event.target instanceof HTMLElement) || event.target.role !== 'listbox') return null;
  if (event.key === 'ArrowDown') return 'next';
  return event.key === 'ArrowUp' ? 'previous' : null;
}
