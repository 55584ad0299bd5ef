/** The caller's own page: opens its link, then sends place, words, photos, one after the other. */

const PREFIX = '/api/v1/caller';
/** Longer uploads would be refused by the centre anyway. */
const MOST_BYTES = 20 * 1024 * 1024;
/** The centre has no place for it now, and has kept nothing of it. */
const BUSY = 503;
const AGAIN_AFTER_MS = 3_000;
/** What stands for an answer where the network was cut. */
const CUT = Response.error();

export type CallerState = 'opening' | 'open' | 'link_used' | 'link_over' | 'unreachable';
export type Sending = 'sending' | 'sent' | 'failed';

interface Opened {
  readonly centre: string;
  readonly expires_at: string;
  readonly live: string | null;
}

export interface SentThing {
  readonly id: number;
  readonly what: 'position' | 'text' | 'file';
  readonly name: string;
  state: Sending;
  problem: string;
}

/** A file that is not sent at all; the message is for the caller. */
class TooLarge extends Error {}

export class CallerPage {
  state = $state<CallerState>('opening');
  centre = $state('');
  live = $state<string | null>(null);
  accuracyM = $state<number | null>(null);
  positionRefused = $state(false);
  sent = $state<SentThing[]>([]);
  /** What stands in the field of words. */
  draft = $state('');
  readonly #path: string;
  readonly #locale: () => string;
  #watch: number | null = null;
  #count = 0;
  #isEnded = false;
  #before: Promise<unknown> = Promise.resolve();

  constructor(code: string, locale: () => string) {
    this.#path = `${PREFIX}/${encodeURIComponent(code)}`;
    this.#locale = locale;
  }

  async open(): Promise<void> {
    this.state = 'opening';
    try {
      const answer = await this.#post('', null);
      if (!answer.ok) return void (this.state = stateOf(answer));
      const opened = (await answer.json()) as Opened;
      this.centre = opened.centre;
      this.live = opened.live ?? sessionStorage.getItem(this.#path);
      if (opened.live) sessionStorage.setItem(this.#path, opened.live);
      this.state = 'open';
    } catch {
      this.state = 'unreachable';
    }
  }

  /** Tells where the phone is, and again as it moves or knows better. */
  locate(): void {
    this.positionRefused = false;
    if (!('geolocation' in navigator)) return void (this.positionRefused = true);
    if (this.#watch !== null) navigator.geolocation.clearWatch(this.#watch);
    this.#watch = navigator.geolocation.watchPosition(
      ({ coords }) => void this.#tell(coords),
      () => (this.positionRefused = true),
      { enableHighAccuracy: true, maximumAge: 5_000, timeout: 30_000 },
    );
  }

  /** Sends the words of the field, which is free for more at once; what failed comes back to it. */
  async write(): Promise<void> {
    const text = this.draft.trim();
    if (text === '') return;
    this.draft = '';
    const isSent = await this.#send('text', text, () =>
      this.#post('/text', JSON.stringify({ text })),
    );
    if (!isSent && this.draft === '') this.draft = text;
  }

  file(file: File, tooLarge: string): Promise<boolean> {
    return this.#send('file', file.name, async () => {
      if (file.size > MOST_BYTES) throw new TooLarge(tooLarge);
      await readable(file);
      const type = file.type || 'application/octet-stream';
      return this.#inTurn(() => this.#post('/media', file, type));
    });
  }

  end(): void {
    this.#isEnded = true;
    if (this.#watch !== null) navigator.geolocation.clearWatch(this.#watch);
  }

  async #tell({ latitude, longitude, accuracy }: GeolocationCoordinates): Promise<void> {
    const body = JSON.stringify({ lat: latitude, lon: longitude, accuracy_m: accuracy });
    const isSent = await this.#send('position', '', () => this.#post('/position', body));
    if (isSent) this.accuracyM = accuracy;
  }

  async #send(
    what: SentThing['what'],
    name: string,
    post: () => Promise<Response>,
  ): Promise<boolean> {
    const thing: SentThing = { id: ++this.#count, what, name, state: 'sending', problem: '' };
    this.sent = [thing, ...this.sent.filter((one) => what !== 'position' || one.what !== what)];
    let state: Sending = 'failed';
    let problem = '';
    try {
      const answer = await this.#taken(thing, post);
      if (answer.ok) state = 'sent';
      else {
        // A proxy's own page is not JSON: that it was not sent must do.
        const said = (await answer.json().catch(() => ({}))) as { detail?: string };
        problem = said.detail ?? '';
        if (answer.status === 404 || answer.status === 410) this.state = stateOf(answer);
      }
    } catch (error) {
      problem = error instanceof TooLarge ? error.message : '';
    }
    this.sent = this.sent.map((one) => (one.id === thing.id ? { ...one, state, problem } : one));
    return state === 'sent';
  }

  /** Sends until the centre has it, busy or cut off: nobody chooses a film twice while it burns.
   *  A position is sent until there is a newer one. */
  async #taken(thing: SentThing, post: () => Promise<Response>): Promise<Response> {
    for (;;) {
      const answer = await post().catch((error: unknown) => {
        if (error instanceof TypeError) return CUT;
        throw error;
      });
      if (answer !== CUT && answer.status !== BUSY) return answer;
      await new Promise((again) => setTimeout(again, AGAIN_AFTER_MS));
      if (this.#isEnded || !this.sent.some(({ id }) => id === thing.id)) return answer;
    }
  }

  /** One file after the other: the centre takes in two of an address at a time. */
  #inTurn(post: () => Promise<Response>): Promise<Response> {
    const turn = this.#before.then(post);
    this.#before = turn.catch(() => undefined);
    return turn;
  }

  #post(path: string, body: BodyInit | null, type = 'application/json'): Promise<Response> {
    const headers = { 'Content-Type': type, 'Accept-Language': this.#locale() };
    return fetch(this.#path + path, { method: 'POST', body, headers, credentials: 'same-origin' });
  }
}

/** Throws where the phone gives the file no longer: sending it would fail like a cut network. */
async function readable(file: File): Promise<void> {
  await file.slice(0, 1).arrayBuffer();
}

function stateOf(answer: Response): CallerState {
  return answer.status === 410 ? 'link_used' : answer.status === 404 ? 'link_over' : 'unreachable';
}
