/** What a phone without a network holds: in IndexedDB, so that it outlives the page and the browser. */

export type HeldWhat = 'state' | 'note' | 'more' | 'file';

export interface Held {
  /** In the order in which it was done. */
  readonly id: number;
  readonly username: string;
  readonly incident: string;
  readonly what: HeldWhat;
  readonly value: string;
  readonly file: Blob | null;
  /** By which the centre knows it again. */
  readonly key: string;
  readonly toldAt: number;
  /** Why the centre did not take it; null while it waits. */
  readonly problem: string | null;
}

export type NewHeld = Omit<Held, 'id' | 'problem'>;

/** What becomes of something that was sent. */
export type Fate = 'sent' | 'wait' | 'login' | 'refused';

/** By the status of the answer, null where there was none. */
export function fateOf(status: number | null): Fate {
  if (status === null || status === 408 || status === 425 || status === 429) return 'wait';
  if (status === 401 || status === 403) return 'login';
  if (status < 300) return 'sent';
  return status >= 500 ? 'wait' : 'refused';
}

/** Words and files are sent beside one another: no film stands before a call for help. */
export const LANES = ['words', 'files'] as const;
export type Lane = (typeof LANES)[number];

/** What is to be sent next in a lane: the oldest that waits, of this person alone. */
export function nextOf(all: readonly Held[], username: string, lane: Lane): Held | null {
  const waits = ({ what, ...one }: Held) =>
    one.username === username && one.problem === null && (what === 'file') === (lane === 'files');
  return all.find(waits) ?? null;
}

/** Where held things and the last answers stand. */
export interface Shelf {
  add(item: NewHeld): Promise<void>;
  all(): Promise<readonly Held[]>;
  refuse(id: number, problem: string): Promise<void>;
  remove(id: number): Promise<void>;
  keep(name: string, value: unknown): Promise<void>;
  kept<T>(name: string): Promise<T | null>;
}

const NAME = 'thapcanh-field';

/** The shelf of this browser. */
export class BrowserShelf implements Shelf {
  #opened: Promise<IDBDatabase> | null = null;

  async add(item: NewHeld): Promise<void> {
    await this.#run('held', 'readwrite', (store) => store.add({ ...item, problem: null }));
  }

  all(): Promise<readonly Held[]> {
    return this.#run('held', 'readonly', (store) => store.getAll() as IDBRequest<Held[]>);
  }

  async refuse(id: number, problem: string): Promise<void> {
    const found = (await this.all()).find((one) => one.id === id);
    if (found) await this.#run('held', 'readwrite', (store) => store.put({ ...found, problem }));
  }

  async remove(id: number): Promise<void> {
    await this.#run('held', 'readwrite', (store) => store.delete(id));
  }

  async keep(name: string, value: unknown): Promise<void> {
    await this.#run('kept', 'readwrite', (store) => store.put(value, name));
  }

  async kept<T>(name: string): Promise<T | null> {
    const found = await this.#run('kept', 'readonly', (store) => store.get(name));
    return (found as T | undefined) ?? null;
  }

  async #run<T>(
    store: 'held' | 'kept',
    mode: IDBTransactionMode,
    act: (store: IDBObjectStore) => IDBRequest<T>,
  ): Promise<T> {
    const database = await (this.#opened ??= open());
    const transaction = database.transaction(store, mode);
    const request = act(transaction.objectStore(store));
    return new Promise<T>((resolve, reject) => {
      transaction.oncomplete = () => resolve(request.result);
      transaction.onabort = () => reject(transaction.error ?? new Error('aborted'));
    });
  }
}

function open(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore('held', { keyPath: 'id', autoIncrement: true });
      request.result.createObjectStore('kept');
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error('no database'));
  });
}
