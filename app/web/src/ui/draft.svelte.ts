/**
 * What was typed and is not sent yet: kept in this browser until it is sent or emptied, through a
 * failure, a reload and the end of a session. Each officer finds only their own.
 */

const PREFIX = 'thapcanh.draft.';
/** A shift and its hand-over; then nobody is coming back for it. */
const KEPT_MS = 36 * 3_600_000;

interface Kept {
  readonly at: number;
  readonly text: string;
}

export class Drafts {
  /** Who types here. */
  username = '';

  constructor(
    private readonly storage: () => Storage,
    private readonly now: () => number = Date.now,
  ) {}

  /** The session of an officer begins: what is too old is forgotten. */
  begin(username: string): void {
    this.username = username;
    this.#attempt(() => {
      const storage = this.storage();
      for (const key of Object.keys(storage)) {
        if (key.startsWith(PREFIX) && this.#kept(key) === null) storage.removeItem(key);
      }
    });
  }

  read(about: string): string {
    return this.#attempt(() => this.#kept(this.#key(about))?.text) ?? '';
  }

  /** Keep a text; an empty one is thrown away. */
  keep(about: string, text: string): void {
    const kept: Kept = { at: this.now(), text };
    this.#attempt(() => {
      if (text === '') this.storage().removeItem(this.#key(about));
      else this.storage().setItem(this.#key(about), JSON.stringify(kept));
    });
  }

  /** It was sent. */
  sent(about: string): void {
    this.keep(about, '');
  }

  #key(about: string): string {
    return `${PREFIX}${this.username}.${about}`;
  }

  #kept(key: string): Kept | null {
    const text = this.storage().getItem(key);
    if (text === null) return null;
    try {
      const kept = JSON.parse(text) as Partial<Kept>;
      const isFresh = typeof kept.at === 'number' && this.now() - kept.at < KEPT_MS;
      return isFresh && typeof kept.text === 'string' ? { at: kept.at, text: kept.text } : null;
    } catch {
      return null;
    }
  }

  /** A browser that keeps nothing must not keep anybody from typing. */
  #attempt<T>(act: () => T): T | undefined {
    try {
      return act();
    } catch (error) {
      console.warn('a draft is not kept', error);
      return undefined;
    }
  }
}

export const drafts = new Drafts(() => localStorage);

/** Under what the words of a command on an alert are kept. */
export function draftOf(action: string, alertId: string | null | undefined): string {
  return `${action}:${alertId ?? ''}`;
}

/** The text of one field; made where the field is made. */
export class Draft {
  readonly #about: string;
  #text = $state('');

  constructor(about: string) {
    this.#about = about;
    this.#text = drafts.read(about);
  }

  get text(): string {
    return this.#text;
  }

  set text(text: string) {
    this.#text = text;
    drafts.keep(this.#about, text);
  }

  /** It was sent: the field is empty, and nothing is kept. */
  sent(): void {
    this.text = '';
  }
}
