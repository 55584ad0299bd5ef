/**
 * Who is on duty by the centre's book, and one's own steps in it. What the officer did at the desk
 * while the centre was silent is sent again until it is written down.
 */

import { api, ApiError, Asked, type components } from '../api';
import { keeper } from '../access/session.svelte';
import { acceptable } from './step';

type Schemas = components['schemas'];

const AGAIN_AFTER_MS = 5_000;
const LOOK_EVERY_MS = 20_000;

/** Why a step was refused, in the centre's words, and the alerts that wait. */
export interface Refused {
  readonly detail: string;
  readonly blocking: readonly Schemas['OpenItemResponse'][];
  readonly blocking_total: number;
}

class Duty {
  readonly #asked = new Asked<Schemas['CurrentShiftResponse']>();
  /** The dialog for handing over is open. */
  handing = $state(false);
  /** The hand-over that is looked at, to be accepted. */
  incoming = $state.raw<Schemas['HandoverResponse'] | null>(null);
  #heard: { value: boolean | null } | null = null;
  #sending = false;

  /** Looks at the book from time to time while one person is logged in; returns what ends it. */
  start(): () => void {
    const end = this.#asked.askForUser(() => this.#read(), LOOK_EVERY_MS);
    return () => {
      end();
      // What one person said must not be sent in the next one's name.
      this.handing = false;
      this.incoming = null;
      this.#heard = null;
    };
  }

  /** What the book says; null before it was read. */
  get now(): Schemas['CurrentShiftResponse'] | null {
    return this.#asked.value;
  }

  look(): Promise<void> {
    return this.#asked.again();
  }

  /** The hand-over that waits for this person, or one's own. */
  openDialog(username: string): void {
    const offer = acceptable(this.now?.offered ?? [], username)[0] ?? null;
    if (offer) this.incoming = offer;
    else this.handing = true;
  }

  async #read(): Promise<Schemas['CurrentShiftResponse']> {
    const before = this.now?.mine ?? null;
    const now = await api.get('/shift');
    if (now.mine === null && this.#heard === null) await this.#relieved(before?.id ?? null);
    return now;
  }

  /** The shift that this desk still believes in is over: says who has it now. */
  async #relieved(shiftId: string | null): Promise<void> {
    if (!keeper.shiftTaken) return;
    const { items } = await api.get('/shift/recent');
    const over = items.find((shift) => shift.id === shiftId) ?? this.#lastOf(items);
    if (over?.ended_at) keeper.relieve(over.relieved_by?.name ?? null, Date.parse(over.ended_at));
  }

  #lastOf(shifts: readonly Schemas['ShiftResponse'][]): Schemas['ShiftResponse'] | undefined {
    return shifts.find((shift) => shift.person.username === keeper.user?.username);
  }

  /** The others who are on duty, to whom something can be given. */
  colleagues(username: string): readonly Schemas['PersonResponse'][] {
    const others = (this.now?.on_duty ?? []).filter((shift) => shift.person.username !== username);
    return others.map((shift) => shift.person);
  }

  /** The name of somebody on duty; of others only what they log in with is known. */
  nameOf(username: string): string {
    const on = (this.now?.on_duty ?? []).find((shift) => shift.person.username === username);
    return on?.person.name ?? username;
  }

  /** Goes on duty, or says anew whether the sound is heard. */
  take(heard: boolean | null): void {
    this.#heard = { value: heard };
    void this.#send();
  }

  sheet(): Promise<Schemas['CurrentSheetResponse']> {
    return api.get('/shift/sheet');
  }

  offer(to: string | null, note: string): Promise<Refused | null> {
    return this.#step(() => api.post('/shift/handover', { body: { to, note: note || null } }));
  }

  accept(id: string): Promise<Refused | null> {
    return this.#step(() => api.post('/shift/handover/{handover_id}/accept', handover(id)));
  }

  /** A leader ends the shift of somebody who left without a word. */
  end(id: string, reason: string): Promise<Refused | null> {
    const given = { path: { shift_id: id }, body: { reason } };
    return this.#step(() => api.post('/shift/{shift_id}/end', given));
  }

  withdraw(id: string): Promise<Refused | null> {
    return this.#step(() => api.post('/shift/handover/{handover_id}/withdraw', handover(id)));
  }

  async #step(send: () => Promise<unknown>): Promise<Refused | null> {
    try {
      await send();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      const { blocking, blocking_total } = error.refusal as Partial<Refused>;
      return {
        detail: error.message,
        blocking: blocking ?? [],
        blocking_total: blocking_total ?? 0,
      };
    } finally {
      await this.look();
    }
    return null;
  }

  async #send(): Promise<void> {
    if (this.#sending || !this.#heard) return;
    this.#sending = true;
    const said = this.#heard;
    try {
      await api.post('/shift/take', { body: { sound_heard: said.value } });
      if (this.#heard === said) this.#heard = null;
    } catch (error) {
      console.error('the shift was not written down', error);
      if (error instanceof ApiError && error.status < 500) this.#heard = null;
    } finally {
      this.#sending = false;
    }
    await this.look();
    if (this.#heard === null) return;
    if (this.#heard === said) setTimeout(() => void this.#send(), AGAIN_AFTER_MS);
    else void this.#send();
  }
}

const handover = (id: string) => ({ path: { handover_id: id } });

export const duty = new Duty();
