/** Every word on the screens, in English. */

import type { Catalogue } from '../vi';
import { caller } from './caller';
import { cameras } from './cameras';
import { crews } from './crews';
import { desk } from './desk';
import { devices } from './devices';
import { discover } from './discover';
import { drills } from './drills';
import { duty } from './duty';
import { exports } from './exports';
import { facilities } from './facilities';
import { history } from './history';
import { list } from './list';
import { incidents } from './incidents';
import { live } from './live';
import { messages } from './messages';
import { nearby } from './nearby';
import { notices } from './notices';
import { phone } from './phone';
import { placing } from './placing';
import { recordings } from './recordings';
import { registry } from './registry';
import { registryNames } from './registry-names';
import { report } from './report';
import { ruleTrial } from './rule-trial';
import { row } from './row';
import { search } from './search';
import { security } from './security';
import { settings } from './settings';
import { situation } from './situation';
import { statistics } from './statistics';
import { shelves } from './shelves';
import { shell } from './shell';
import { terms } from './terms';
import { wall } from './wall';
import { watchAreas } from './watch-areas';

export const en: Catalogue = {
  ...terms,
  ...shell,
  ...list,
  ...desk,
  ...live,
  ...shelves,
  ...drills,
  ...messages,
  ...nearby,
  ...notices,
  ...phone,
  ...wall,
  ...watchAreas,
  ...caller,
  ...cameras,
  ...crews,
  ...exports,
  ...devices,
  ...facilities,
  ...history,
  ...incidents,
  ...recordings,
  ...placing,
  ...registry,
  ...registryNames,
  ...ruleTrial,
  ...discover,
  ...report,
  ...duty,
  ...row,
  ...search,
  ...security,
  ...settings,
  ...situation,
  ...statistics,
};
