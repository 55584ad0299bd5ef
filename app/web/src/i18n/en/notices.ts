/** Words of notices to the public, in English. */

import type { notices as Vietnamese } from '../vi/notices';

export const notices: typeof Vietnamese = {
  notices: {
    screen: 'Notices to the public',
    lead: 'Drafted from an incident, published once another leader signed it. No names, house numbers or telephone numbers.',
    publicPage: 'Public page',
    none: "No notices yet. Draft one on an incident's page.",
    failed: 'Notices could not be loaded; trying again.',
    incident: 'incident',
    states: { draft: 'Draft, not published', published: 'Published', withdrawn: 'Withdrawn' },
    earlier: 'Earlier versions, no longer valid',
    acts: { published: 'Published', corrected: 'Corrected', withdrawn: 'Withdrawn' },
    title: 'Title',
    text: 'Text',
    rules:
      'Name the ward only. House numbers, alleys, telephone numbers, number plates, e-mail, coordinates and names are refused.',
    draftedBy: (name, time) => `drafted by ${name} at ${time}`,
    anotherSigns: 'another leader must sign',
    signedBy: (name) => `signed by ${name}`,
    sign: 'Sign and publish',
    edit: 'Edit the draft',
    correct: 'Correct',
    withdraw: 'Withdraw',
    reason: 'Why it is withdrawn (the public reads it)',
    keep: 'Keep the draft',
    cancel: 'Cancel',
    draft: 'Draft a notice to the public',
  },
};
