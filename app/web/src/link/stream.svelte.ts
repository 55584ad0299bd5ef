/**
 * The running link: one request that never ends, read as server-sent events. A plain EventSource
 * would not do: after a watchdog it could not say where it stopped (`Last-Event-ID`), and it hides
 * whether the session has ended. Callers get events; this class retries and keeps the state.
 */

import { createParser, type EventSourceMessage } from 'eventsource-parser';

import { linkAtStart, nextLink, TICK_MS, type LinkEvent, type LinkState } from './link-state';

export interface StreamListener {
  /** The stream answered; what happens from now on will be delivered. */
  opened(resumed: boolean): void;
  event(event: EventSourceMessage): void;
  /** All events that came in one piece have been told. */
  heard(): void;
}

export class Stream {
  /** What the desk shows; changes when the phase does, not with every heartbeat. */
  shown = $state.raw<LinkState>(linkAtStart(Date.now()));
  #state: LinkState = linkAtStart(Date.now());
  #lastEventId = '';
  #running: AbortController | null = null;
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(
    private readonly url: string,
    private readonly listener: StreamListener,
  ) {}

  start(): void {
    this.#state = linkAtStart(Date.now());
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
    void this.#connect();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#running?.abort();
    this.#running = null;
  }

  #step(event: LinkEvent): void {
    this.#state = nextLink(this.#state, event, Date.now(), Math.random());
    if (this.#state.phase !== this.shown.phase) this.shown = this.#state;
  }

  #tick(): void {
    this.#step({ type: 'tick' });
    const { phase, retryAt } = this.#state;
    if (phase === 'ended') this.stop();
    else if (retryAt !== null && Date.now() >= retryAt) {
      this.#step({ type: 'retrying' });
      void this.#connect();
    }
  }

  async #connect(): Promise<void> {
    this.#running?.abort();
    const running = new AbortController();
    this.#running = running;
    try {
      const response = await fetch(this.url, { headers: this.#headers(), signal: running.signal });
      if (response.status === 401) return this.#step({ type: 'unauthorized' });
      if (!response.ok || !response.body) throw new Error(`HTTP ${response.status}`);
      this.listener.opened(this.#lastEventId !== '');
      await this.#read(response.body);
      throw new Error('closed by the centre');
    } catch (error) {
      // A newer connection, or stop(), replaced this one: it has nothing more to say.
      if (this.#running !== running) return;
      this.#step({ type: 'cut', reason: error instanceof Error ? error.message : String(error) });
    }
  }

  #headers(): HeadersInit {
    const headers: Record<string, string> = { Accept: 'text/event-stream' };
    if (this.#lastEventId) headers['Last-Event-ID'] = this.#lastEventId;
    return headers;
  }

  async #read(body: ReadableStream<Uint8Array>): Promise<void> {
    const parser = createParser({ onEvent: (event) => this.#deliver(event) });
    const decoder = new TextDecoder();
    const reader = body.getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      this.#step({ type: 'heard' });
      parser.feed(decoder.decode(value, { stream: true }));
      this.listener.heard();
    }
  }

  /** The id counts once its whole event is delivered: one that a cut halves is asked for again. */
  #deliver(event: EventSourceMessage): void {
    this.listener.event(event);
    if (event.id !== undefined) this.#lastEventId = event.id;
  }
}
