import type { EventSourceMessage } from 'eventsource-parser';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { ANSWER_MS, TICK_MS, WATCHDOG_MS } from './link-state';
import { Stream } from './stream.svelte';

/** A centre that answers each connection with the next scripted stream. */
class FakeCentre {
  readonly asked: (string | null)[] = [];
  readonly open: ReadableStreamDefaultController<Uint8Array>[] = [];
  status = 200;

  readonly fetch = (_url: unknown, init: RequestInit): Promise<Response> => {
    this.asked.push(new Headers(init.headers).get('Last-Event-ID'));
    if (this.status !== 200) return Promise.resolve(new Response(null, { status: this.status }));
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => {
        this.open.push(controller);
        init.signal?.addEventListener('abort', () => controller.error(new Error('aborted')));
      },
    });
    return Promise.resolve(new Response(body));
  };

  say(text: string): void {
    this.open.at(-1)?.enqueue(new TextEncoder().encode(text));
  }
}

describe('the stream', () => {
  const events: EventSourceMessage[] = [];
  const opened: boolean[] = [];
  const pieces: number[] = [];
  let centre: FakeCentre;
  let stream: Stream;

  beforeEach(() => {
    vi.useFakeTimers();
    events.length = opened.length = pieces.length = 0;
    centre = new FakeCentre();
    vi.stubGlobal('fetch', centre.fetch);
    stream = new Stream('/stream', {
      opened: (resumed) => opened.push(resumed),
      event: (event) => events.push(event),
      heard: () => pieces.push(events.length),
    });
    stream.start();
  });

  afterEach(() => {
    stream.stop();
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });

  const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

  it('delivers events and is live', async () => {
    await pass(0);
    centre.say('id: 7\nevent: change\ndata: {}\n\n');
    await pass(0);
    expect(stream.shown.phase).toBe('live');
    expect(events).toEqual([{ event: 'change', data: '{}', id: '7' }]);
    expect(opened).toEqual([false]);
  });

  it('says when all that came in one piece has been told', async () => {
    await pass(0);
    centre.say('id: 7\ndata: a\n\nid: 8\ndata: b\n\nid: 9\nda');
    await pass(0);
    expect(pieces).toEqual([2]);
    centre.say('ta: c\n\n');
    await pass(0);
    expect(pieces).toEqual([2, 3]);
  });

  it('resumes after a cut from the last event it delivered', async () => {
    await pass(0);
    centre.say('id: 7\ndata: x\n\n');
    await pass(0);
    centre.open[0]?.close();
    await pass(2000);
    centre.say('retry: 2000\n\n');
    await pass(0);
    expect(centre.asked).toEqual([null, '7']);
    expect(opened).toEqual([false, true]);
    expect(stream.shown.phase).toBe('live');
  });

  it('asks again for an event that a cut halved', async () => {
    await pass(0);
    centre.say('id: 7\ndata: x\n\nid: 8\ndata: y\n');
    await pass(0);
    centre.open[0]?.close();
    await pass(2000);
    expect(centre.asked).toEqual([null, '7']);
    expect(events.map(({ data }) => data)).toEqual(['x']);
  });

  it('joins what arrives in pieces, and letters that are cut in two', async () => {
    await pass(0);
    for (const byte of new TextEncoder().encode(
      'id: 7\r\ndata: cháy ở\r\ndata: Hàng Bài\r\n\r\n',
    )) {
      centre.open[0]?.enqueue(new Uint8Array([byte]));
      await pass(0);
    }
    expect(events).toEqual([{ event: undefined, data: 'cháy ở\nHàng Bài', id: '7' }]);
  });

  it('gives up a silent connection at the watchdog and opens another', async () => {
    await pass(0);
    centre.say('retry: 2000\n\n');
    await pass(WATCHDOG_MS + TICK_MS);
    expect(stream.shown).toMatchObject({ phase: 'lost', reason: 'nothing heard' });
    await pass(1000);
    expect(centre.asked).toHaveLength(2);
    await pass(ANSWER_MS + 2000);
    expect(centre.asked).toHaveLength(3); // the second took the connection and said nothing
    expect(stream.shown.phase).toBe('lost');
    centre.say(': I am here\n\n');
    await pass(0);
    expect(stream.shown.phase).toBe('live');
  });

  it('says that it is lost while the centre answers with errors', async () => {
    await pass(0);
    centre.status = 503;
    centre.open[0]?.close();
    await pass(5000);
    expect(stream.shown).toMatchObject({ phase: 'lost', reason: 'HTTP 503' });
    centre.status = 200;
    await pass(10_000);
    centre.say('retry: 2000\n\n');
    await pass(0);
    expect(stream.shown.phase).toBe('live');
  });

  it('ends with the session, and asks no more', async () => {
    await pass(0);
    centre.status = 401;
    centre.open[0]?.close();
    await pass(5000);
    const asked = centre.asked.length;
    await pass(60_000);
    expect(stream.shown.phase).toBe('ended');
    expect(centre.asked).toHaveLength(asked);
  });
});
