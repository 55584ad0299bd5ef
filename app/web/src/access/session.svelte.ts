/** Who sits at this desk, and whether the shift was taken. The cookie itself is out of reach of scripts. */

import { api, ApiError, features, type Session, type User } from '../api';
import { i18n } from '../i18n/i18n.svelte';
import { notices } from '../shell/notices.svelte';
import { dateTime } from '../time/format';
import { drafts } from '../ui/draft.svelte';

/** When the guesses were of which this browser's session has told. */
const GUESSED_MEMORY = 'thapcanh.guessed';
/** The shift outlives a reload of the page, not the browser's closing. */
const SHIFT_MEMORY = 'thapcanh.shift';
/** Set until the officer says whether the test tone was heard. */
const TONE_MEMORY = 'thapcanh.tone';

/** Between two questions while the centre does not answer: a screen comes back without a hand. */
const AGAIN_MS = 3000;

type Where =
  | 'starting' // asking the centre who we are
  | 'unreachable' // the centre did not answer
  | 'login' // nobody is logged in
  | 'inside';

class SessionKeeper {
  where = $state<Where>('starting');
  user = $state.raw<User | null>(null);
  /** The account of a screen at which nobody sits: the wall's. */
  screen = $state<string | null>(null);
  /** The session ended while somebody was working. */
  ended = $state(false);
  shiftTaken = $state(false);
  /** The shift was taken, and the officer has not said yet whether the tone was heard. */
  toneOpen = $state(false);

  /** The shift was handed over, or ended by a leader: this desk only looks on until one takes it. */
  relieved = $state.raw<{ readonly by: string | null; readonly at: number } | null>(null);

  #again: ReturnType<typeof setTimeout> | undefined;

  async begin(): Promise<void> {
    this.where = 'starting';
    await this.#ask();
  }

  async #ask(): Promise<void> {
    clearTimeout(this.#again);
    try {
      const session = await api.session();
      if (session) this.#enter(session);
      else this.where = 'login';
    } catch (error) {
      console.error('the session was not asked for', error);
      if (this.where === 'inside' || this.where === 'login') return; // another question was answered
      this.where = 'unreachable';
      clearTimeout(this.#again);
      this.#again = setTimeout(() => void this.#ask(), AGAIN_MS);
    }
  }

  /** `chosen` replaces a password that somebody else gave. Throws what the centre refuses. */
  async login(username: string, password: string, chosen?: string): Promise<void> {
    this.#enter(await api.login(username, password, chosen));
    this.ended = false;
  }

  /** The answer to a login's second step. Throws what the centre refuses. */
  async secondStep(proof: Record<string, unknown>): Promise<void> {
    this.#enter(await api.secondStep(proof));
    this.ended = false;
  }

  /** The same person once more; the shift goes on. Throws what the centre refuses. */
  async prove(password: string): Promise<void> {
    const session = await api.login(this.user?.username ?? '', password);
    this.user = session.user;
  }

  takeShift(): void {
    this.relieved = null;
    this.shiftTaken = true;
    sessionStorage.setItem(SHIFT_MEMORY, this.user?.username ?? '');
    this.askTone();
  }

  relieve(by: string | null, at: number): void {
    this.relieved = { by, at };
    this.shiftTaken = false;
    this.answerTone();
    sessionStorage.removeItem(SHIFT_MEMORY);
  }

  askTone(): void {
    this.toneOpen = true;
    sessionStorage.setItem(TONE_MEMORY, 'open');
  }

  answerTone(): void {
    this.toneOpen = false;
    sessionStorage.removeItem(TONE_MEMORY);
  }

  /** Ends the session; false when the centre did not answer and it goes on. */
  async leave(): Promise<boolean> {
    try {
      await api.logout();
    } catch (error) {
      if (!(error instanceof ApiError && error.status === 401)) {
        console.error('not logged out', error);
        return false;
      }
    }
    sessionStorage.removeItem(SHIFT_MEMORY);
    this.#exit(false);
    return true;
  }

  /** The centre no longer knows this session. */
  lost(): void {
    this.#exit(true);
  }

  #enter(session: Session): void {
    features.set(session.features);
    this.user = session.user;
    drafts.begin(session.user.username);
    this.shiftTaken = sessionStorage.getItem(SHIFT_MEMORY) === session.user.username;
    this.toneOpen = this.shiftTaken && sessionStorage.getItem(TONE_MEMORY) !== null;
    i18n.suggest(session.user.locale);
    if (session.guessed) tellOfGuesses(session.guessed);
    this.where = 'inside';
  }

  #exit(ended: boolean): void {
    this.user = null;
    this.relieved = null;
    this.shiftTaken = false;
    this.toneOpen = false;
    this.ended = ended;
    this.where = 'login';
  }
}

/** Once in a browser's session: whoever it was, the owner is the one who knows. */
function tellOfGuesses({ at, what }: NonNullable<Session['guessed']>): void {
  if (sessionStorage.getItem(GUESSED_MEMORY) === at) return;
  sessionStorage.setItem(GUESSED_MEMORY, at);
  const words = i18n.t.guessed;
  notices.tell(words[what](dateTime(Date.parse(at))), 'bad');
}

export const keeper = new SessionKeeper();
