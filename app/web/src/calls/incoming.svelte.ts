/** Calls that an exchange tells of: what rings, what nobody has written down, and which are mine. */

import { Asked } from '../api/asked.svelte';
import { noticedAttempt } from '../ui/attempt.svelte';
import { incidentApi, type IncomingCall } from '../incidents/incident';

/** As long as the centre leaves a call with who took it first. */
const HELD_MS = 120_000;
/** The centre counts a call as missed when its exchange fell silent; nothing tells of that faster. */
const AGAIN_MS = 30_000;

class IncomingCalls {
  readonly #asked = new Asked<{ readonly items: readonly IncomingCall[] }>();

  readonly all: readonly IncomingCall[] = $derived.by(() => this.#asked.value?.items ?? []);
  /** The list could not be asked for: what rings may be missing. */
  readonly failed: boolean = $derived.by(() => this.#asked.problem !== null);

  /** Asks for the list while somebody is logged in; returns what ends it. */
  start(): () => void {
    return this.#asked.askForUser(() => incidentApi.incoming(), AGAIN_MS, 'calls');
  }

  again(): void {
    void this.#asked.again();
  }

  /** Takes a call; false where a colleague was faster, who is then named. */
  take(call: IncomingCall): Promise<boolean> {
    return noticedAttempt().run(
      () => incidentApi.takeIncoming(call.id),
      () => this.#asked.again(),
    );
  }
}

export const incomingCalls = new IncomingCalls();

/** What rings or was just answered, and nobody here has: the oldest first. */
export function ringing(calls: readonly IncomingCall[], now: number): IncomingCall[] {
  const open = calls.filter((one) => one.state === 'ringing' || one.state === 'answered');
  return open.filter((one) => isFree(one, now)).reverse();
}

/** The call that I took longest ago and have not written down. */
export function mineOf(calls: readonly IncomingCall[], username: string): IncomingCall | null {
  return calls.findLast((one) => one.taken_by?.username === username) ?? null;
}

export function isFree(call: IncomingCall, now: number): boolean {
  return call.taken_at === null || now - Date.parse(call.taken_at) >= HELD_MS;
}

/** 0912 345 678, as it is read aloud. */
export function spaced(number: string): string {
  return number.replace(/^(\d{4})(\d{3})(\d{3,4})$/, '$1 $2 $3');
}
