import { describe, expect, it } from 'vitest';

import { features } from '../api/features.svelte';
import { sectionAt, sectionsOf } from './sections';

describe('the sections of the settings', () => {
  it('are those of all roles of a person', () => {
    expect(sectionsOf({ roles: ['operator'] })).not.toContain('walls');
    expect(sectionsOf({ roles: ['admin', 'operator'] })).toEqual(
      expect.arrayContaining(['walls', 'phones']),
    );
    expect(sectionsOf({ roles: ['viewer'] })).not.toContain('walls');
  });

  it('leave out those of a feature that the site does without', () => {
    features.set([]);
    expect(sectionsOf({ roles: ['leader'] })).not.toContain('devices');
    features.set(['signals']);
    expect(sectionsOf({ roles: ['leader'] })).toContain('devices');
  });

  it('open at the one that is named, else at the first', () => {
    expect(sectionAt('phones', { roles: ['leader'] })).toBe('phones');
    expect(sectionAt('made-up', { roles: ['leader'] })).toBe(sectionsOf({ roles: ['leader'] })[0]);
    expect(sectionAt('walls', { roles: ['operator'] })).not.toBe('walls');
  });
});
