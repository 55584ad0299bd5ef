/** What citizens wrote and nobody has answered, by event; and the answers to it. */

import { api } from '../api/client';
import { Asked, getJson } from '../api/asked.svelte';
import { saidOfCommand } from '../api/refusal';
import type { components } from '../api/schema';
import { kindOfDigit, type CallKind } from '../incidents/incident';
import { notices } from '../shell/notices.svelte';

type Schemas = components['schemas'];
export type MessageEvent = Schemas['MessageEventResponse'];
export type CitizenMessage = Schemas['CitizenMessageResponse'];
type Waiting = Schemas['WaitingMessagesResponse'];

/** A desk sees a message this long after the centre has it. */
const AGAIN_MS = 5_000;
const HOAX_DAYS = 30;

class CitizenMessages {
  readonly #asked = new Asked<Waiting>();

  readonly events: readonly MessageEvent[] = $derived.by(() => this.#asked.value?.items ?? []);
  readonly waiting: number = $derived.by(() => this.#asked.value?.waiting ?? 0);
  /** The list could not be asked for: what came may be missing. */
  readonly failed: boolean = $derived.by(() => this.#asked.problem !== null);

  /** Asks for what waits while somebody is logged in; returns what ends it. */
  start(): () => void {
    return this.#asked.askForUser(() => getJson<Waiting>('/messages'), AGAIN_MS);
  }

  /** Writes a call down of a message, alone or with its whole event; its number, or nothing. */
  take(
    message: CitizenMessage,
    until: string | null,
    as: { kind: CallKind } | { incident: string },
  ): Promise<Schemas['TakenMessageResponse'] | null> {
    return this.#answer(message, 'take', { until, ...as });
  }

  setAside(message: CitizenMessage, until: string | null): Promise<unknown> {
    return this.#answer(message, 'set-aside', { until });
  }

  hoax(message: CitizenMessage, until: string | null): Promise<unknown> {
    return this.#answer(message, 'hoax', { until, days: HOAX_DAYS });
  }

  async #answer<T>(message: CitizenMessage, how: string, body: object): Promise<T | null> {
    try {
      const path = `/messages/${encodeURIComponent(message.id)}/${how}`;
      const sent = await api.send('POST', path, {
        body: JSON.stringify(body),
        headers: { 'Content-Type': 'application/json' },
      });
      return (await sent.json()) as T;
    } catch (error) {
      notices.tell(saidOfCommand(error), 'warning');
      return null;
    } finally {
      await this.#asked.again();
    }
  }
}

export const citizenMessages = new CitizenMessages();

/** The caps of the keys on a message; its kinds have the digits of the call's form. */
export const MESSAGE_KEYS = { join: 'G', setAside: 'X', hoax: 'R' } as const;

export type MessageKey = { kind: CallKind } | 'join' | 'set-aside' | 'hoax' | null;

/** What a key does to the message whose button has the focus. */
export function messageKey(code: string): MessageKey {
  const digit = /^(?:Digit|Numpad)(\d)$/.exec(code);
  const kind = digit && kindOfDigit(Number(digit[1]));
  if (kind) return { kind };
  return code === 'KeyG' ? 'join' : code === 'KeyX' ? 'set-aside' : code === 'KeyR' ? 'hoax' : null;
}
