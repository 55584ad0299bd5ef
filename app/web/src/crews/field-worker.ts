/** Puts the page into the worker that opens it without a network. */

import { PATHS } from '../shell/routes';

const AGAIN_MS = 5_000;

/** Returns what ends it. Where there is no TLS a browser has no worker: the page needs the network. */
export function keepPage(): () => void {
  if (!('serviceWorker' in navigator)) return () => undefined;
  const tell = async () => {
    const { active } = await navigator.serviceWorker.ready;
    const files = performance
      .getEntriesByType('resource')
      .map(({ name }) => new URL(name))
      .filter(({ origin, pathname }) => origin === location.origin && /^\/assets\//.test(pathname))
      .map(({ pathname }) => pathname);
    active?.postMessage({ files });
  };
  const warn = (error: unknown) => console.warn('the page is not kept for later', error);
  navigator.serviceWorker
    .register('/field-worker.js', { scope: PATHS.field })
    .then(tell)
    .catch(warn);
  // What is loaded later, as the map, is kept too.
  const timer = setInterval(() => void tell().catch(warn), AGAIN_MS);
  return () => clearInterval(timer);
}
