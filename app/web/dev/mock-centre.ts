/**
 * A centre for developing the screens without Python, cameras or weights: the API of the brief in
 * memory, alerts with pictures drawn on the spot. Only `vite` (the development server) loads it;
 * nothing of it is built. `MOCK_MEDIA=folder` of .mp4 files gives real films and pictures instead.
 *
 * POST /mock/raise?kind=&n=  /mock/stream?do=cut|hang|gap  /mock/down?s=  /mock/camera?id=&state=
 *      /mock/clear  /mock/theirs?id= (another desk takes it)
 */

import type { IncomingMessage, ServerResponse } from 'node:http';

import type { Plugin } from 'vite';

import { MockApi } from './mock-api.ts';
import { Media } from './mock-media.ts';
import { World } from './mock-world.ts';

export function mockCentre(): Plugin {
  return {
    name: 'mock-centre',
    configureServer(server) {
      const media = new Media(process.env['MOCK_MEDIA']);
      const world = new World(media.count);
      const api = new MockApi(world, media);
      server.httpServer?.once('close', () => world.stop());
      server.middlewares.use((request: IncomingMessage, response: ServerResponse, next: () => void) => {
        const url = new URL(request.url ?? '/', 'http://mock');
        if (!url.pathname.startsWith('/api/v1/') && !url.pathname.startsWith('/mock/')) return next();
        void api.answer(request, response, url);
      });
    },
  };
}
