/**
 * The phone of a crew: asks what its unit was sent to, and sends what the crew does, in order. What
 * cannot be sent is held, and what was heard last is shown while the centre does not answer.
 */

import { api, ApiError, newKey } from '../api/client';
import type { components } from '../api/schema';
import { inTime, soon } from './answers-in-time';
import { fateOf, LANES, nextOf, type Held, type HeldWhat, type Lane, type Shelf } from './held';

type Schemas = components['schemas'];
export type Crew = Schemas['CrewResponse'];
export type CrewDetail = Schemas['CrewDetailResponse'];
export type CrewIncident = Schemas['CrewIncidentResponse'];
export type CrewState = Schemas['CrewState'];
export type Point = { readonly lat: number; readonly lon: number };

export const CREW_STATES = [
  'acknowledged',
  'en_route',
  'on_scene',
  'finished',
] as const satisfies readonly CrewState[];
export const MOST_BYTES = 20 * 1024 * 1024;
const EVERY_MS = 2_500;
/** The way is asked anew while a unit drives. */
const DETAIL_AGAIN_MS = 15_000;
const POSITION_AGAIN_MS = 5_000;

interface Kept {
  readonly username: string;
  readonly crew: Crew;
  readonly details: Readonly<Record<string, CrewDetail>>;
  readonly at: number;
}

export class CrewPhone {
  crew = $state.raw<Crew | null>(null);
  details = $state.raw<Readonly<Record<string, CrewDetail>>>({});
  held = $state.raw<readonly Held[]>([]);
  /** When the centre answered last. */
  heardAt = $state<number | null>(null);
  isOnline = $state(false);
  needsLogin = $state(false);
  username = $state('');
  here = $state.raw<Point | null>(null);
  /** What the centre took and its next answer may not know yet. */
  #sentStates = $state.raw<Readonly<Record<string, readonly CrewState[]>>>({});
  #timer: ReturnType<typeof setTimeout> | undefined;
  #detailAt = new Map<string, number>();
  #sending = new Map<Lane, Promise<void>>();
  #stopped = false;
  #watch: number | null = null;
  #positionAt = 0;

  constructor(private readonly shelf: Shelf) {}

  async start(): Promise<void> {
    const kept = await this.shelf.kept<Kept>('crew');
    if (kept) {
      this.username = kept.username;
      this.crew = kept.crew;
      this.details = kept.details;
      this.heardAt = kept.at;
    }
    await this.#look();
    await this.entered();
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
    if (this.#watch !== null) navigator.geolocation.clearWatch(this.#watch);
  }

  /** Asks who is logged in, then goes on; again after each login. */
  async entered(): Promise<void> {
    clearTimeout(this.#timer);
    try {
      const session = await api.session(soon());
      this.needsLogin = session === null;
      if (session && session.user.username !== this.username) {
        this.username = session.user.username;
        this.crew = null;
        this.details = {};
      }
    } catch (error) {
      console.warn('the centre does not answer', error);
      this.isOnline = false;
    }
    if (!this.needsLogin) await this.#round();
    else this.isOnline = true;
  }

  /** How far the unit is, with what waits here. */
  stateOf(incident: CrewIncident): CrewState | null {
    const waiting = this.held.filter(
      (one) => one.incident === incident.id && one.what === 'state' && one.problem === null,
    );
    const sent = this.#sentStates[sendingKey(incident)] ?? [];
    const told = [incident.crew_state, ...sent, ...waiting.map((one) => one.value as CrewState)];
    return CREW_STATES.findLast((state) => told.includes(state)) ?? null;
  }

  async tell(incident: string, what: HeldWhat, value: string, file: Blob | null = null) {
    await this.shelf.add({
      username: this.username,
      incident,
      what,
      value,
      file,
      key: newKey(),
      toldAt: Date.now(),
    });
    await this.#look();
    await this.send();
  }

  async dismiss(id: number): Promise<void> {
    await this.shelf.remove(id);
    await this.#look();
  }

  /** Sends what waits, words first; a file that is under way holds no words up. */
  async send(): Promise<void> {
    for (const lane of LANES) await this.#sendLane(lane);
  }

  /** One after the other; a second call waits for the first. */
  #sendLane(lane: Lane): Promise<void> {
    const sending =
      this.#sending.get(lane) ?? this.#sendAll(lane).finally(() => this.#sending.delete(lane));
    this.#sending.set(lane, sending);
    return sending;
  }

  locate(): void {
    if (!('geolocation' in navigator) || this.#watch !== null) return;
    this.#watch = navigator.geolocation.watchPosition(
      ({ coords }) => {
        this.here = { lat: coords.latitude, lon: coords.longitude };
        void this.#tellPosition(this.here);
      },
      (error) => console.warn('no position', error.message),
      { enableHighAccuracy: true, maximumAge: 5_000 },
    );
  }

  async #round(): Promise<void> {
    try {
      this.crew = await api.get('/crew', soon());
      this.isOnline = true;
      this.heardAt = Date.now();
      await this.#sendLane('words');
      // A film takes minutes: what comes meanwhile must be heard.
      this.#sendLane('files').catch((error: unknown) => console.warn('a file waits', error));
      await this.#details();
      await this.#keep();
    } catch (error) {
      if (error instanceof ApiError && error.status === 401) this.needsLogin = true;
      else if (!(error instanceof ApiError)) this.isOnline = false;
      console.warn('the centre was not heard', error);
    }
    if (!this.#stopped && !this.needsLogin)
      this.#timer = setTimeout(() => void this.#round(), EVERY_MS);
  }

  async #details(): Promise<void> {
    const details: Record<string, CrewDetail> = {};
    for (const one of this.crew?.incidents ?? []) {
      const known = this.details[one.id];
      const isOld = Date.now() - (this.#detailAt.get(one.id) ?? 0) > DETAIL_AGAIN_MS;
      if (known && known.incident.version === one.version && !isOld) details[one.id] = known;
      else {
        try {
          details[one.id] = await api.get('/crew/incidents/{incident_id}', {
            path: { incident_id: one.id },
            query: this.here ?? {},
            ...soon(),
          });
          this.#detailAt.set(one.id, Date.now());
        } catch (error) {
          if (!(error instanceof ApiError) || error.status === 401) throw error; // else of it alone
          if (known) details[one.id] = known;
          console.warn('an incident was not told', error);
        }
      }
    }
    this.details = details;
  }

  async #keep(): Promise<void> {
    if (!this.crew) return;
    const { username, crew, details, heardAt: at } = this;
    await this.shelf.keep('crew', { username, crew, details, at: at ?? 0 } satisfies Kept);
  }

  async #sendAll(lane: Lane): Promise<void> {
    let asked = false;
    for (;;) {
      if (lane === 'files' && nextOf(this.held, this.username, 'words') !== null) return;
      const next = nextOf(this.held, this.username, lane);
      if (next === null || this.needsLogin) return;
      const [status, problem] = await this.#sent(next);
      const fate = fateOf(status);
      if (fate === 'wait') {
        if (status === null) this.isOnline = false;
        return;
      }
      if (fate === 'login') {
        // Another login, perhaps the same person's: the code of the old one counts no more.
        if (asked) return;
        asked = true;
        this.needsLogin = (await api.session(soon()).catch(() => null)) === null;
        continue;
      }
      if (fate === 'refused') await this.shelf.refuse(next.id, problem);
      else {
        if (next.what === 'state') this.#noteSent(next);
        await this.shelf.remove(next.id);
      }
      await this.#look();
    }
  }

  /** The status of the answer, null where there was none; and the centre's own words. */
  async #sent(item: Held): Promise<[number | null, string]> {
    const times = {
      told_at: new Date(item.toldAt).toISOString(),
      sent_at: new Date().toISOString(),
    };
    const sent = {
      path: { incident_id: item.incident },
      headers: { 'Idempotency-Key': item.key },
    };
    try {
      if (item.file)
        await api.post('/crew/incidents/{incident_id}/media', {
          ...sent,
          query: times,
          body: item.file,
          ...inTime(),
        });
      else
        await api.post('/crew/incidents/{incident_id}/reports', {
          ...sent,
          body: { [item.what]: item.value, ...times },
          ...soon(),
        });
      return [201, ''];
    } catch (error) {
      if (error instanceof ApiError) return [error.status, error.message];
      return [null, ''];
    }
  }

  #noteSent({ incident, value }: Held): void {
    const found = this.crew?.incidents.find((one) => one.id === incident);
    if (!found) return;
    const key = sendingKey(found);
    const states = [...(this.#sentStates[key] ?? []), value as CrewState];
    this.#sentStates = { ...this.#sentStates, [key]: states };
  }

  async #tellPosition(point: Point): Promise<void> {
    const now = Date.now();
    if (now - this.#positionAt < POSITION_AGAIN_MS || !this.isOnline || this.needsLogin) return;
    this.#positionAt = now;
    try {
      await api.post('/crew/position', { body: point, ...soon() });
    } catch (error) {
      console.warn('the position was not taken', error);
    }
  }

  async #look(): Promise<void> {
    this.held = await this.shelf.all();
  }
}

/** Of one sending of the unit: sent again to the same incident, it begins anew. */
function sendingKey({ id, told_at }: CrewIncident): string {
  return `${id} ${told_at}`;
}

/** What is heard: a P1 that nobody of the crew acknowledged, or one of the ward not yet dismissed. */
export function isLoud(
  incidents: readonly (CrewIncident & { readonly now: CrewState | null })[],
  alarms: Crew['alarms'],
  dismissed: ReadonlySet<string>,
): boolean {
  return (
    incidents.some((one) => one.priority === 1 && one.now === null && one.closed_at === null) ||
    alarms.some((one) => !dismissed.has(one.id))
  );
}
