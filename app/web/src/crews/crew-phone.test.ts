import { describe, expect, it, vi } from 'vitest';

import { api, ApiError, Unreachable } from '../api/client';
import type { Session } from '../api/types';
import { ANSWER_WITHIN_MS } from './answers-in-time';
import { CrewPhone } from './crew-phone.svelte';
import { fateOf, nextOf, type Held, type NewHeld, type Shelf } from './held';

class MemoryShelf implements Shelf {
  items: Held[] = [];
  #count = 0;
  async add(item: NewHeld): Promise<void> {
    this.items.push({ ...item, id: ++this.#count, problem: null });
  }
  async all(): Promise<readonly Held[]> {
    return [...this.items];
  }
  async refuse(id: number, problem: string): Promise<void> {
    this.items = this.items.map((one) => (one.id === id ? { ...one, problem } : one));
  }
  async remove(id: number): Promise<void> {
    this.items = this.items.filter((one) => one.id !== id);
  }
  async keep(): Promise<void> {}
  async kept<T>(): Promise<T | null> {
    return null;
  }
}

const SESSION = { user: { username: 'xe-1' }, csrf: 'x' } as unknown as Session;
const ok = () => Promise.resolve(new Response('{}', { status: 201 }));

function refused(status: number): ApiError {
  return new ApiError(status, { error: 'x', detail: `no ${status}` });
}

async function phoneThatHolds(...notes: string[]): Promise<[CrewPhone, MemoryShelf]> {
  const shelf = new MemoryShelf();
  const phone = new CrewPhone(shelf);
  phone.username = 'xe-1';
  vi.spyOn(api, 'send').mockRejectedValue(new Unreachable('no network'));
  for (const note of notes) await phone.tell('i', 'note', note);
  return [phone, shelf];
}

describe('what a phone holds', () => {
  it.each([
    [null, 'wait'],
    [201, 'sent'],
    [401, 'login'],
    [403, 'login'],
    [404, 'refused'],
    [409, 'refused'],
    [413, 'refused'],
    [422, 'refused'],
    [429, 'wait'],
    [503, 'wait'],
  ] as const)('an answer of %s: %s', (status, fate) => expect(fateOf(status)).toBe(fate));

  it('is sent in its order, each with its own key, when the network is back', async () => {
    const [phone, shelf] = await phoneThatHolds('a', 'b', 'c');
    expect(phone.held.map((one) => one.value)).toEqual(['a', 'b', 'c']);
    const send = vi.spyOn(api, 'send').mockImplementation(ok);
    await phone.send();
    const told = send.mock.calls.slice(-3).map(([, , init]) => init);
    expect(told.map((init) => JSON.parse(String(init?.body)).note)).toEqual(['a', 'b', 'c']);
    const keys = told.map((init) => new Headers(init?.headers).get('Idempotency-Key'));
    expect(new Set(keys).size).toBe(3);
    expect(shelf.items).toEqual([]);
  });

  it('keeps its key when the answer was lost, and stops there', async () => {
    const [phone] = await phoneThatHolds('a', 'b');
    const key = phone.held[0]?.key;
    const send = vi.spyOn(api, 'send').mockRejectedValue(new Unreachable('lost'));
    send.mockClear();
    await phone.send();
    expect(send).toHaveBeenCalledTimes(1);
    expect(phone.held[0]?.key).toBe(key);
  });

  it('is kept when the session ended, and sent after the login', async () => {
    const [phone, shelf] = await phoneThatHolds('a');
    vi.spyOn(api, 'send').mockRejectedValue(refused(401));
    const session = vi.spyOn(api, 'session').mockResolvedValue(null);
    await phone.send();
    expect([phone.needsLogin, shelf.items.length]).toEqual([true, 1]);
    session.mockResolvedValue(SESSION);
    vi.spyOn(api, 'send').mockImplementation(ok);
    await phone.entered();
    phone.stop();
    expect([phone.needsLogin, shelf.items.length]).toEqual([false, 0]);
  });

  it('says what was refused and goes on with the rest', async () => {
    const [phone, shelf] = await phoneThatHolds('a', 'b');
    vi.spyOn(api, 'send').mockRejectedValueOnce(refused(409)).mockImplementation(ok);
    await phone.send();
    expect(shelf.items.map((one) => [one.value, one.problem])).toEqual([['a', 'no 409']]);
    await phone.dismiss(shelf.items[0]?.id ?? 0);
    expect(phone.held).toEqual([]);
  });

  it('is never sent in the name of somebody else', async () => {
    const [phone] = await phoneThatHolds('a');
    expect(nextOf(phone.held, 'xe-2', 'words')).toBeNull();
  });

  it('lets a call for help, and what the centre says, pass a film that is under way', async () => {
    const [phone, shelf] = await phoneThatHolds();
    await phone.tell('i', 'file', 'film.mp4', new Blob(['film']));
    await phone.tell('i', 'more', 'thêm 2 xe');
    const send = vi.spyOn(api, 'send').mockImplementation((_, path) => {
      if (path.includes('/media')) return new Promise(() => undefined);
      const crew = { centre: '', unit: null, incidents: [], alarms: [] };
      return Promise.resolve(new Response(JSON.stringify(crew), { status: 201 }));
    });
    vi.spyOn(api, 'session').mockResolvedValue(SESSION);
    send.mockClear();
    await phone.entered();
    phone.stop();
    expect(shelf.items.map((one) => one.what)).toEqual(['file']);
    expect(phone.crew?.incidents).toEqual([]);
    expect(send.mock.calls.some(([, path]) => path.includes('/media'))).toBe(true);
  });

  it('counts a centre that never answers as not heard', async () => {
    vi.useFakeTimers();
    vi.spyOn(AbortSignal, 'timeout').mockImplementation((ms) => {
      const ends = new AbortController();
      setTimeout(() => ends.abort(), ms);
      return ends.signal;
    });
    vi.spyOn(api, 'session').mockResolvedValue(SESSION);
    vi.spyOn(api, 'send').mockImplementation(
      (_method, _path, init) =>
        new Promise((_, reject) =>
          init?.signal?.addEventListener('abort', () => reject(new Unreachable('late'))),
        ),
    );
    const phone = new CrewPhone(new MemoryShelf());
    phone.isOnline = true;
    const entered = phone.entered();
    await vi.advanceTimersByTimeAsync(ANSWER_WITHIN_MS + 1);
    await entered;
    phone.stop();
    expect(phone.isOnline).toBe(false);
    vi.useRealTimers();
  });
});
