/// <reference types="vitest/config" />
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vite';

import { mockCentre } from './dev/mock-centre.ts';

// Nothing may be inlined as `data:`: the centre's content policy is `default-src 'self'`.
export default defineConfig(({ command, mode }) => ({
  plugins: [svelte(), ...(command === 'serve' && mode !== 'test' ? [mockCentre()] : [])],
  build: {
    outDir: '../web_dist',
    emptyOutDir: true,
    assetsInlineLimit: 0,
    target: 'es2022',
    modulePreload: { polyfill: false },
  },
  // A process for each file of tests costs more than the tests; what a file leaves behind is undone.
  test: {
    include: ['src/**/*.test.ts'],
    environment: 'node',
    isolate: false,
    restoreMocks: true,
    unstubGlobals: true,
  },
}));
