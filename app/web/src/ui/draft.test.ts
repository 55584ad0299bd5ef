import { beforeEach, describe, expect, it } from 'vitest';

import { Drafts } from './draft.svelte';

class Memory implements Storage {
  [name: string]: unknown;
  #of(): Record<string, string> {
    return this as unknown as Record<string, string>;
  }
  get length(): number {
    return Object.keys(this).length;
  }
  clear(): void {
    for (const key of Object.keys(this)) delete this[key];
  }
  getItem(key: string): string | null {
    return this.#of()[key] ?? null;
  }
  key(index: number): string | null {
    return Object.keys(this)[index] ?? null;
  }
  removeItem(key: string): void {
    delete this[key];
  }
  setItem(key: string, text: string): void {
    this.#of()[key] = text;
  }
}

let storage: Storage;
let now: number;

function opened(username: string): Drafts {
  const drafts = new Drafts(
    () => storage,
    () => now,
  );
  drafts.begin(username);
  return drafts;
}

beforeEach(() => {
  storage = new Memory();
  now = 1_000;
});

describe('what was typed', () => {
  it('is there after a failure, a reload and another login', () => {
    opened('an').keep('note:7', 'khói ở tầng 3');
    expect(opened('an').read('note:7')).toBe('khói ở tầng 3');
    expect(opened('an').read('note:8')).toBe('');
  });

  it('is nobody else’s', () => {
    opened('an').keep('note:7', 'khói ở tầng 3');
    expect(opened('binh').read('note:7')).toBe('');
    expect(opened('an').read('note:7')).toBe('khói ở tầng 3');
  });

  it('is gone when it was sent or emptied', () => {
    const drafts = opened('an');
    drafts.keep('note:7', 'a');
    drafts.sent('note:7');
    drafts.keep('note:8', 'a');
    drafts.keep('note:8', '');
    expect(storage.length).toBe(0);
  });

  it('is forgotten after the shift that follows', () => {
    opened('an').keep('note:7', 'a');
    now += 36 * 3_600_000;
    expect(opened('binh').read('note:7')).toBe('');
    expect(storage.length).toBe(0);
  });

  it('leaves what is not its own alone, and outlives what is broken', () => {
    storage.setItem('thapcanh.language', 'vi');
    storage.setItem('thapcanh.draft.an.note:7', '{');
    expect(opened('an').read('note:7')).toBe('');
    expect(storage.getItem('thapcanh.language')).toBe('vi');
  });

  it('is typed all the same where the browser keeps nothing', () => {
    const refusing = new Drafts(() => {
      throw new DOMException('denied', 'SecurityError');
    });
    refusing.begin('an');
    refusing.keep('note:7', 'a');
    expect(refusing.read('note:7')).toBe('');
  });
});
