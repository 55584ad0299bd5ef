/**
 * What the centre tells this desk: alerts, cameras, the last proof, kept current by the stream.
 * The stream opens before the lists are asked for, so that no change falls between the two.
 */

import type { EventSourceMessage } from 'eventsource-parser';

import { MOST_CLOSED, putAll, replaceAll, trimmed, type Book, type Entry } from '../alert/book';
import { isSeeing } from '../alert/blindness';
import { api, STREAM_URL } from '../api/client';
import type { Alert, AlertState, Camera, CameraNews, Change, Heartbeat } from '../api/types';
import { Stream } from '../link/stream.svelte';
import { clock } from '../time/clock.svelte';
import { instant } from '../time/format';
import { CameraWatch, LOOK_MS } from './camera-list.svelte';
import { countUntaken } from './open-rows';
import { entriesOf, urgentOf, type Entry as OpenEntry } from '../incidents/entries';
import type { IncidentChange, Row } from '../incidents/incident';
import { Worklist } from '../incidents/worklist.svelte';

/** Beyond this many open alerts the desk shows the most urgent; the centre keeps them all. */
const MOST_OPEN = 5000;
const OPEN_STATES: readonly AlertState[] = ['new', 'acknowledged', 'confirmed', 'rejected'];
/** By which an incident has another holder. */
const CHANGES_HANDS: ReadonlySet<string> = new Set([
  'incident_claimed',
  'incident_handed_over',
  'incident_taken',
]);
/** Lists that did not come are asked for again after this, until they have come. */
const LISTS_AGAIN_MS = 3_000;

/** What changed hands: an incident whole, or an alert in none. */
export interface Given {
  readonly of: Alert | Row;
  readonly holder: Row['holder'];
  /** Who held it before; empty: nobody. */
  readonly from: string;
}

export interface WatchListener {
  /** It has just come, it came back, or it grew. */
  spoke(alert: Alert, isNew: boolean): void;
  shelved(): void;
  handedOver(given: Given): void;
  takenOver(given: Given): void;
  cosignWanted(alert: Alert): void;
  /** The list was loaded anew because changes may have been missed. */
  reloaded(): void;
  /** The stream speaks again after the desk was blind since then. */
  backSince(lostAt: number): void;
}

export class Watch {
  book = $state.raw<Book>(new Map());
  loading = $state<'loading' | 'ready' | 'failed'>('loading');
  /** Of the alerts raised after this moment all are known that were closed; earlier ones in part. */
  closedWholeAfter = $state(Infinity);
  heartbeat = $state.raw<Heartbeat | null>(null);
  readonly #cameras = new CameraWatch();
  /** The number of the newest change of an incident; screens that show them load again. */
  incidentSeq = $state(0);
  incomingChanges = $state(0);
  /** Another screen leads to this alert: the desk displays it. */
  wanted = $state<string | null>(null);
  readonly stream: Stream;
  readonly worklist = new Worklist();
  /** The alerts whose rows a screen shows: they stay known, however long ago they were closed. */
  shown: () => ReadonlySet<string> = () => new Set();
  /** Changes of the piece that is being read: they are taken in together. */
  #told: Change[] = [];
  #lastSeq = 0;
  #lostAt: number | null = null;
  /** Questions for all alerts, and the newest that was answered: an earlier answer is older. */
  #reloads = 0;
  #reloaded = 0;
  readonly #drawn = new Set<string>();
  #stopped = false;
  #timer: ReturnType<typeof setInterval> | undefined;
  #again: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly listener: WatchListener,
    /** Whether what this screen shows counts as shown: it does where somebody is on duty. */
    private readonly tellsDrawn: boolean,
  ) {
    this.stream = new Stream(STREAM_URL, {
      opened: (resumed) => this.#opened(resumed),
      event: (event) => this.#hear(event),
      heard: () => this.#takeIn(),
    });
  }

  /** Since when no centre takes new events, so that none appears here; null while one does. */
  readonly intakeStoppedAt: number | null = $derived.by(() =>
    this.stream.shown.phase === 'lost' ? null : instant(this.heartbeat?.intake_stopped_at),
  );
  /** Since when the last good configuration is in force, the files being broken; else null. */
  readonly configurationRefusedAt: number | null = $derived.by(() =>
    this.stream.shown.phase === 'lost' ? null : instant(this.heartbeat?.configuration_refused_at),
  );
  /** Alarms of the system that the centre cannot store: no list of alerts has them. */
  readonly unlistedAlarms: Heartbeat['unlisted_alarms'] = $derived.by(() =>
    this.stream.shown.phase === 'lost' ? [] : (this.heartbeat?.unlisted_alarms ?? []),
  );
  /** The last heartbeat, while it may say that all is calm: not when events do not come through. */
  readonly told: Heartbeat | null = $derived.by(() =>
    this.stream.shown.phase === 'lost' || this.intakeStoppedAt !== null ? null : this.heartbeat,
  );
  readonly alerts: readonly Alert[] = $derived.by(() =>
    [...this.book.values()].map((entry) => entry.alert),
  );
  readonly entries: readonly OpenEntry[] = $derived.by(() => entriesOf(this.alerts, this.worklist));
  readonly urgent: readonly OpenEntry[] = $derived.by(() => urgentOf(this.entries));
  /** How many rows nobody has. */
  readonly untaken: number = $derived.by(() => countUntaken(this));
  readonly drilling: boolean = $derived.by(() =>
    this.alerts.some((alert) => alert.exercise && alert.state !== 'closed'),
  );
  readonly blind: readonly Camera[] = $derived.by(() =>
    this.cameras.filter((camera) => !isSeeing(camera)),
  );

  /** A number of alerts; null while nobody knows it, which is not none. */
  known(count: number): number | null {
    return this.loading === 'ready' || count > 0 ? count : null;
  }

  start(): void {
    this.worklist.start();
    this.stream.start();
    this.#timer = setInterval(() => {
      this.#cameras.look();
    }, LOOK_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
    clearTimeout(this.#again);
    this.#cameras.stop();
    this.#stopped = true;
    this.worklist.stop();
    this.stream.stop();
  }

  get cameras(): readonly Camera[] {
    return this.#cameras.all;
  }
  /** Cameras have come or gone, as somebody at this screen knows. */
  camerasMoved(): void {
    this.#cameras.refresh();
  }

  /** Newer copies of alerts, from a command's answer or a refusal. */
  learn(...alerts: readonly Alert[]): void {
    this.#put(alerts.map((alert) => ({ alert, seq: 0 })));
  }

  /** Asks for all alerts, again and again until they have come; true when this time they did. */
  async reload(): Promise<boolean> {
    clearTimeout(this.#again);
    const before = this.#lastSeq;
    const mine = ++this.#reloads;
    try {
      const [open, closed] = await Promise.all([
        api.alerts(OPEN_STATES, MOST_OPEN, 'urgency'),
        api.alerts(['closed'], MOST_CLOSED),
      ]);
      if (mine < this.#reloaded) return false;
      this.#reloaded = mine;
      this.book = replaceAll(this.book, [...open, ...closed], before);
      this.closedWholeAfter =
        closed.length < MOST_CLOSED ? -Infinity : lastRaised(closed.slice(-1));
      this.loading = 'ready';
      return true;
    } catch (error) {
      if (mine < this.#reloaded) return false;
      console.error('alerts were not loaded', error);
      this.loading = 'failed';
      if (!this.#stopped) this.#again = setTimeout(() => void this.reload(), LISTS_AGAIN_MS);
      return false;
    }
  }

  /** The link's state changed: remembers when it was lost. */
  linkChanged(): void {
    const { phase, cutAt } = this.stream.shown;
    if (phase === 'lost') this.#lostAt ??= cutAt;
    if (phase === 'live' && this.#lostAt !== null) {
      this.listener.backSince(this.#lostAt);
      this.#lostAt = null;
    }
  }

  /** A row of this alert was drawn; the centre is told once, if it came by the stream. */
  drawn(id: string): void {
    const seq = this.book.get(id)?.seq ?? 0;
    if (!this.tellsDrawn || this.#drawn.has(id) || document.hidden) return;
    this.#drawn.add(id);
    // It came by a list, so it stood on screens before: a change that follows does not show it first.
    if (seq === 0) return;
    api
      .rendered(id, seq, clock.read())
      .catch((error: unknown) => console.warn('drawing was not told', error));
  }

  #opened(resumed: boolean): void {
    this.incomingChanges += 1;
    if (!resumed || this.loading !== 'ready') void this.reload();
    void this.worklist.load();
    this.#cameras.refresh();
  }

  #hear(event: EventSourceMessage): void {
    if (event.event === 'change') this.#told.push(JSON.parse(event.data) as Change);
    else if (event.event === 'incident') this.#incidentTold(event);
    else if (event.event === 'incoming_call') this.incomingChanges += 1;
    else if (event.event === 'cameras') this.#cameras.changed(JSON.parse(event.data) as CameraNews);
    else if (event.event === 'heartbeat') this.#beat(JSON.parse(event.data) as Heartbeat);
    else if (event.event === 'gap') {
      this.incomingChanges += 1;
      void this.reload().then((done) => done && this.listener.reloaded());
    }
  }

  #incidentTold({ id, data }: EventSourceMessage): void {
    this.incidentSeq = Number(id);
    this.worklist.changed();
    const { reason, incident } = JSON.parse(data) as IncidentChange;
    if (CHANGES_HANDS.has(reason)) void this.#given(incident.id, reason);
  }

  /** An incident has another holder; its alerts follow it, and are not told of by themselves. */
  async #given(id: string, reason: string): Promise<void> {
    const before = this.worklist.get(id);
    if (before === null) return;
    const from = before.holder?.username ?? '';
    await this.worklist.refresh(id).catch(() => undefined);
    const of = this.worklist.get(id);
    if (of === null || of.holder?.username === from) return;
    const given = { of, from, holder: of.holder };
    if (reason === 'incident_handed_over') this.listener.handedOver(given);
    else if (from !== '') this.listener.takenOver(given);
  }

  #takeIn(): void {
    if (this.#told.length === 0) return;
    const told = this.#told;
    this.#told = [];
    this.#lastSeq = Math.max(this.#lastSeq, ...told.map(({ seq }) => seq));
    const before = this.book;
    this.#put(told);
    for (const change of told)
      this.#tell(change, before.get(change.alert.id)?.alert.owner?.username ?? '');
  }

  #tell(change: Change, holder: string): void {
    if (change.kind === 'shelved' || change.kind === 'unshelved') this.listener.shelved();
    const given = { of: change.alert, holder: change.alert.owner, from: holder };
    const isAlone = this.worklist.rowOf(change.alert.id) === change.alert.id;
    if (isAlone && change.kind === 'claimed') this.listener.takenOver(given);
    if (isAlone && change.kind === 'handed_over') this.listener.handedOver(given);
    if (change.kind === 'cosign_wanted') this.listener.cosignWanted(change.alert);
  }

  #beat(heartbeat: Heartbeat): void {
    clock.hear(Date.parse(heartbeat.now));
    this.heartbeat = heartbeat;
    this.#cameras.look(heartbeat.cameras_version);
  }

  #put(told: readonly Entry[]): void {
    const before = this.book;
    const book = putAll(before, told);
    if (book === before) return;
    this.worklist.changed(told.map(({ alert }) => alert.id));
    this.#keep(book);
    for (const { alert } of told) {
      const known = before.get(alert.id)?.alert;
      const isTaken = book.get(alert.id)?.alert === alert;
      if (isTaken && alert.state !== 'closed' && alert.spoke_at !== known?.spoke_at)
        this.listener.spoke(alert, known === undefined);
    }
  }

  #keep(book: Book): void {
    this.book = trimmed(book, this.shown);
    if (this.book === book) return;
    const gone = [...book.values()].filter(({ alert }) => !this.book.has(alert.id));
    this.closedWholeAfter = Math.max(
      this.closedWholeAfter,
      lastRaised(gone.map(({ alert }) => alert)),
    );
    for (const id of this.#drawn) if (!this.book.has(id)) this.#drawn.delete(id);
  }
}

function lastRaised(alerts: readonly Alert[]): number {
  return alerts.reduce((last, { raised_at }) => Math.max(last, Date.parse(raised_at)), -Infinity);
}
