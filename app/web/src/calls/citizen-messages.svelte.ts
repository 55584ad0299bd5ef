/** What citizens wrote and nobody has answered, by event; and the answers to it. */

import { api, Asked, saidOfCommand, type components } from '../api';
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
    return this.#asked.askForUser(() => api.get('/messages'), AGAIN_MS, 'calls');
  }

  /** Writes a call down of a message, alone or with its whole event; its number, or nothing. */
  take(
    message: CitizenMessage,
    until: string | null,
    as: { kind: CallKind } | { incident: string },
  ): Promise<Schemas['TakenMessageResponse'] | null> {
    const body = { until, ...as };
    return this.#answer(() => api.post('/messages/{message_id}/take', { ...at(message), body }));
  }

  setAside(message: CitizenMessage, until: string | null): Promise<unknown> {
    const body = { until };
    return this.#answer(() =>
      api.post('/messages/{message_id}/set-aside', { ...at(message), body }),
    );
  }

  hoax(message: CitizenMessage, until: string | null): Promise<unknown> {
    const body = { until, days: HOAX_DAYS };
    return this.#answer(() => api.post('/messages/{message_id}/hoax', { ...at(message), body }));
  }

  async #answer<T>(send: () => Promise<T>): Promise<T | null> {
    try {
      return await send();
    } catch (error) {
      notices.tell(saidOfCommand(error), 'warning');
      return null;
    } finally {
      await this.#asked.again();
    }
  }
}

const at = (message: CitizenMessage) => ({ path: { message_id: message.id } });

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
