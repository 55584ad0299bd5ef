/** A page with nothing but live view, for its tests: /?camera=front&camera=gate, after a login. */

import { mount } from 'svelte';

import { api } from '../../src/api/client.ts';
import '../../src/ui/tokens.css';
import '../../src/ui/layout.css';
import '../../src/ui/kit.css';
import LiveView from '../../src/live/LiveView.svelte';
import { clock } from '../../src/time/clock.svelte.ts';

await api.session();
clock.start();
for (const cameraId of new URLSearchParams(location.search).getAll('camera')) {
  const target = document.body.appendChild(document.createElement('div'));
  target.style.width = '640px';
  target.style.height = '360px';
  mount(LiveView, { target, props: { cameraId, cameraName: cameraId } });
}
