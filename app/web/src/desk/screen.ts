/** Small command-centre monitors (1366×768) get a tighter desk. */

import { MediaQuery } from 'svelte/reactivity';

export const compact = new MediaQuery('(max-width: 1500px) or (max-height: 820px)');
