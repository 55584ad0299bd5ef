/** Words of the accounts in the settings, in English. */

import type { AccountRole, FieldName } from '../../accounts/accounts';
import type { accounts as vi } from '../vi/accounts';

const may: Record<AccountRole, string> = {
  operator: 'takes and answers alerts',
  leader: 'like a duty officer; co-signs, reopens, leads the shift',
  viewer: 'only looks',
  technician: 'cameras, configuration, system faults',
  agency: 'another agency: its own cameras and alerts',
  auditor: 'reads every log',
  crew: 'the phone of one unit: only what that was sent to',
  admin: 'accounts and settings; answers no alerts',
};

const fields: Record<FieldName, string> = {
  name: 'Full name',
  roles: 'Roles',
  agencies: 'Agencies',
  areas: 'Areas',
  disabled: 'State',
  unit: 'Unit',
};

export const accounts: typeof vi = {
  how: 'Who may log in, do what, and see which cameras. Every change is written into the sealed log.',
  add: 'Add an account',
  edit: 'Edit',
  editing: (name: string) => `Edit the account: ${name}`,
  search: 'Search by name',
  who: 'User',
  sees: 'Sees',
  fields,
  may,
  username: 'User name',
  usernamePlaceholder: 'e.g. nguyen.van.an',
  everything: 'The whole site',
  allAgencies: 'All agencies',
  allAreas: 'All areas',
  someOf: 'Only these',
  scope: (ids: readonly string[] | null, named: (id: string) => string) =>
    ids === null ? 'All' : ids.map(named).join(', '),
  inUse: 'In use',
  letInNoMore: 'No right to come in any more',
  locked: 'Disabled',
  lock: 'Disable the account',
  endsAtOnce: 'This person is logged out everywhere at once; walls that they opened go dark.',
  ofProvider:
    'The organisation’s own login keeps this account. Here it is only disabled and enabled; name, roles and scope change there.',
  look: 'Review',
  review: 'Check once more before saving:',
  save: 'Save',
  back: 'Edit more',
  cancel: 'Cancel',
  passwordFollows: 'An initial password follows, which is shown once.',
  saved: (name: string) => `Saved: ${name}.`,
  passwordOf: (name: string, username: string) =>
    `The password of ${name} (${username}), shown only now. Write it down and hand it over:`,
  written: 'Written down',
  newPassword: 'New password',
  newPasswordAsked: 'This person is logged out at once.',
  forgetFactors: 'Reset the second step',
  forgetFactorsAsked: 'Phone or key lost? This person is logged out at once.',
  factored: 'Has a second step',
  unbind: 'Unbind the identity',
  unbindAsked:
    'Has this person a new entry at the organisation’s login? The next login binds the account anew; open sessions end at once.',
  own: 'Your own account',
  none: 'No accounts.',
  lacking: {
    username: 'Enter a user name.',
    name: 'Enter the full name.',
    roles: 'Choose at least one role.',
    agencies: 'Choose at least one agency, or all.',
    areas: 'Choose at least one area, or all.',
    unit: 'Choose the unit for which this phone speaks.',
  },
};
