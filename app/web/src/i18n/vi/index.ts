/** Every word on the screens, in Vietnamese. The English has the same keys; the compiler checks it. */

import { desk } from './desk';
import { live } from './live';
import { shell } from './shell';
import { terms } from './terms';
import { wall } from './wall';

export const vi = { ...terms, ...shell, ...desk, ...live, ...wall };

export type Catalogue = typeof vi;
