/** Stills wait in line: the centre decodes film for each, and a grid asks for dozens at once. */

const AT_ONCE = 3;

let running = 0;
const waiting: (() => void)[] = [];

/**
 * Calls `load` when its turn comes, with what it calls when it has loaded or failed. Returns what
 * leaves the line, or frees the place.
 */
export function inLine(load: (done: () => void) => void): () => void {
  let state: 'waiting' | 'loading' | 'over' = 'waiting';
  const done = (): void => {
    if (state !== 'loading') return;
    state = 'over';
    running -= 1;
    next();
  };
  const entry = (): void => {
    state = 'loading';
    load(done);
  };
  waiting.push(entry);
  next();
  return () => {
    if (state === 'waiting') waiting.splice(waiting.indexOf(entry), 1);
    else done();
  };
}

function next(): void {
  while (running < AT_ONCE) {
    const entry = waiting.shift();
    if (!entry) return;
    running += 1;
    entry();
  }
}
