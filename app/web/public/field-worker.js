/**
 * Keeps the crew's page on the phone: it opens without a network. The page tells which files it is
 * made of; what it sends and asks of incidents goes past this worker, the page holds that itself.
 */

const CACHE = 'field';
const PAGE = '/field';
const PATIENCE_MS = 4000;
const KEPT = [/^\/assets\//, /^\/api\/v1\/site$/, /^\/api\/v1\/map\//, /\/documents\/[\w-]+$/];
const MOST_KEPT = 600;
/** Of several versions of the page; one has some 60. */
const MOST_ASSETS = 200;

self.addEventListener('install', (event) => {
  event.waitUntil(keep([PAGE, '/icon.svg']).then(() => self.skipWaiting()));
});

self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()));

/** The files that the page is made of; where there are too many, the oldest of other versions go. */
self.addEventListener('message', (event) => {
  const files = event.data?.files;
  if (Array.isArray(files)) event.waitUntil(keep([PAGE, ...files]).then(() => forget(files)));
});

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== 'GET' || url.origin !== location.origin) return;
  if (request.mode === 'navigate') event.respondWith(fresh(request, PAGE));
  else if (url.pathname.startsWith('/assets/')) event.respondWith(kept(request));
  else if (!request.headers.has('range') && KEPT.some((one) => one.test(url.pathname)))
    event.respondWith(fresh(request, request.url));
});

async function keep(addresses) {
  const cache = await caches.open(CACHE);
  for (const address of new Set(addresses)) {
    const isPage = address === PAGE;
    if (!isPage && (await cache.match(address))) continue;
    const answer = await fetch(address, { cache: isPage ? 'reload' : 'default' });
    if (answer.ok) await cache.put(address, answer);
  }
}

async function forget(files) {
  const cache = await caches.open(CACHE);
  const wanted = new Set(files);
  const assets = (await cache.keys()).filter(({ url }) => /^\/assets\//.test(pathOf(url)));
  const old = assets.filter(({ url }) => !wanted.has(pathOf(url)));
  const over = old.slice(0, Math.max(0, assets.length - MOST_ASSETS));
  await Promise.all(over.map((request) => cache.delete(request)));
}

function pathOf(url) {
  return new URL(url).pathname;
}

/** From the phone; a file's name changes with its content. */
async function kept(request) {
  return (await caches.match(request)) ?? fetch(request);
}

/** From the centre while it answers soon, else as it was last. */
async function fresh(request, key) {
  const cache = await caches.open(CACHE);
  try {
    // By its address: a browser's own request for a page takes no signal.
    const signal = AbortSignal.timeout(PATIENCE_MS);
    const answer = await fetch(request.url, { signal, credentials: 'same-origin' });
    if (answer.ok && (await cache.keys()).length < MOST_KEPT) await cache.put(key, answer.clone());
    return answer;
  } catch (error) {
    const found = await cache.match(key);
    if (found) return found;
    throw error;
  }
}
