/**
 * A centre for developing the screens without Python, cameras or weights: its API in memory, alerts
 * with pictures drawn on the spot. Only `vite` and `vite preview` load it; nothing of it is built.
 * `MOCK_MEDIA=folder` of .mp4 files gives real films and pictures instead.
 *
 * POST /mock/raise?kind=&n=  /mock/stream?do=cut|hang|free|gap  /mock/down?s=
 *      /mock/camera?id=&state=  /mock/clear  /mock/theirs?id= (another desk takes it)
 */

import type { IncomingMessage, ServerResponse } from 'node:http';

import type { Plugin, PreviewServer, ViteDevServer } from 'vite';

import { MockApi } from './mock-api.ts';
import { Media } from './mock-media.ts';
import { World } from './mock-world.ts';

/** As the real centre says; the development server itself could not live under it. */
const POLICY =
  "default-src 'self'; img-src 'self' blob: data:; media-src 'self' blob:; object-src 'none'";

export function mockCentre(): Plugin {
  return {
    name: 'mock-centre',
    configureServer: (server) => serve(server),
    configurePreviewServer: (server) => serve(server, POLICY),
  };
}

function serve(server: ViteDevServer | PreviewServer, policy?: string): void {
  const media = new Media(process.env['MOCK_MEDIA']);
  const world = new World();
  const api = new MockApi(world, media);
  server.httpServer?.once('close', () => world.stop());
  server.middlewares.use((request: IncomingMessage, response: ServerResponse, next: () => void) => {
    if (policy) response.setHeader('Content-Security-Policy', policy);
    const url = new URL(request.url ?? '/', 'http://mock');
    if (!url.pathname.startsWith('/api/v1/') && !url.pathname.startsWith('/mock/')) return next();
    void api.answer(request, response, url);
  });
}
