/** Small command-centre monitors (1366×768) get a tighter desk. */

import { MediaQuery } from 'svelte/reactivity';

export const compact = new MediaQuery('(max-width: 1500px) or (max-height: 820px)');

/** A phone, or a small monitor at 200 %: every line counts. */
export const phone = new MediaQuery('(max-width: 600px) or (max-height: 500px)');

/** A small monitor at 200 %: three rows and the keys, before one scrolls. */
export const short = new MediaQuery('(min-width: 600px) and (max-height: 500px)');

/** A phone, or a screen at 200 %: list, picture and place stand in one column. */
export const oneColumn = new MediaQuery('(max-width: 1000px)');
