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
import { follows, merged } from './camera-list';
import { Worklist } from '../incidents/worklist.svelte';

/** Beyond this many open alerts the desk shows the most urgent; the centre keeps them all. */
const MOST_OPEN = 5000;
const OPEN_STATES: readonly AlertState[] = ['new', 'acknowledged', 'confirmed', 'rejected'];
/** What changed of the cameras comes by the stream; else it is asked for, one question at a time. */
const CAMERAS_GAP_MS = 250;
const CAMERAS_LOOK_MS = 5_000;
const CAMERAS_AT_LEAST_MS = 60_000;
/** Lists that did not come are asked for again after this, until they have come. */
const LISTS_AGAIN_MS = 3_000;

export interface WatchListener {
  /** It has just come, it came back, or it grew. */
  spoke(alert: Alert, isNew: boolean): void;
  shelved(): void;
  handedOver(alert: Alert): void;
  takenOver(alert: Alert, from: string): void;
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
  cameras = $state.raw<readonly Camera[]>([]);
  /** The number of the newest change of an incident; screens that show them load again. */
  incidentSeq = $state(0);
  incomingChanges = $state(0);
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
  #camerasAt = 0;
  #asksCameras = false;
  #asksCamerasAgain = false;
  #camerasVersion: string | null = null;
  readonly #drawn = new Set<string>();
  #stopped = false;
  #timer: ReturnType<typeof setInterval> | undefined;
  #again: ReturnType<typeof setTimeout> | undefined;
  #camerasAgain: ReturnType<typeof setTimeout> | undefined;

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
  /** A drill's alert is open. */
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
      if (Date.now() - this.#camerasAt >= CAMERAS_AT_LEAST_MS) this.#refreshCameras();
    }, CAMERAS_LOOK_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
    clearTimeout(this.#again);
    clearTimeout(this.#camerasAgain);
    this.#stopped = true;
    this.worklist.stop();
    this.stream.stop();
  }

  /** Cameras have come or gone, as somebody at this screen knows. */
  camerasMoved(): void {
    this.#refreshCameras();
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
    this.#refreshCameras();
  }

  #hear(event: EventSourceMessage): void {
    if (event.event === 'change') this.#told.push(JSON.parse(event.data) as Change);
    else if (event.event === 'incident') this.#incidentTold(event);
    else if (event.event === 'incoming_call') this.incomingChanges += 1;
    else if (event.event === 'cameras') this.#camerasTold(JSON.parse(event.data) as CameraNews);
    else if (event.event === 'heartbeat') this.#beat(JSON.parse(event.data) as Heartbeat);
    else if (event.event === 'gap') {
      this.incomingChanges += 1;
      void this.reload().then((done) => done && this.listener.reloaded());
    }
  }

  #incidentTold({ id }: EventSourceMessage): void {
    this.incidentSeq = Number(id);
    this.worklist.changed();
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
    if (change.kind === 'claimed') this.listener.takenOver(change.alert, holder);
    if (change.kind === 'handed_over') this.listener.handedOver(change.alert);
    if (change.kind === 'cosign_wanted') this.listener.cosignWanted(change.alert);
  }

  /** While an answer is awaited, which may be newer or older, the heartbeat that follows decides. */
  #camerasTold(news: CameraNews): void {
    if (this.#asksCameras || !follows(news, this.#camerasVersion)) return;
    this.cameras = merged(this.cameras, news);
    this.#camerasVersion = news.version;
    this.#camerasAt = Date.now();
  }

  #beat(heartbeat: Heartbeat): void {
    clock.hear(Date.parse(heartbeat.now));
    this.heartbeat = heartbeat;
    if (heartbeat.cameras_version !== this.#camerasVersion) this.#refreshCameras();
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

  /** A change that comes while an answer is awaited is asked for after it: no answer is thrown away. */
  #refreshCameras(): void {
    this.#asksCamerasAgain = this.#asksCameras;
    if (this.#asksCameras) return;
    this.#asksCameras = true;
    this.#camerasAt = Date.now();
    void api
      .cameraChanges(this.#camerasVersion)
      .then(
        (told) => {
          this.cameras = merged(this.cameras, told);
          this.#camerasVersion = told.version;
        },
        (error: unknown) => {
          console.error('cameras were not loaded', error);
          this.#camerasAt = 0; // the next look comes with the timer
        },
      )
      .finally(() => {
        this.#asksCameras = false;
        if (this.#asksCamerasAgain && !this.#stopped)
          this.#camerasAgain = setTimeout(() => this.#refreshCameras(), CAMERAS_GAP_MS);
      });
  }
}

function lastRaised(alerts: readonly Alert[]): number {
  return alerts.reduce((last, { raised_at }) => Math.max(last, Date.parse(raised_at)), -Infinity);
}
