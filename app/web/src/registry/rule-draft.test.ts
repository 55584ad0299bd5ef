import { describe, expect, it } from 'vitest';

import { KINDS } from '../alert/kind';
import { en } from '../i18n/en';
import { vi } from '../i18n/vi';
import { CAMERA_EVENTS, detailOf, RULE_KINDS, type RuleDraft, ruleOf } from './rule-draft';

const DRAFT: RuleDraft = {
  kind: 'fire',
  shape: '',
  hours: '',
  event: 'digital_input',
  source: '',
  whenInactive: false,
};

describe('a rule from the form', () => {
  it('holds what its kind has, and nothing of another kind', () => {
    expect(ruleOf({ ...DRAFT, source: '1', whenInactive: true })).toEqual({ kind: 'fire' });
    expect(
      ruleOf({ ...DRAFT, kind: 'exit', shape: 'gate', hours: '22:00-05:00, 12:00-13:00' }),
    ).toEqual({ kind: 'exit', line: 'gate', hours: ['22:00-05:00', '12:00-13:00'] });
    expect(ruleOf({ ...DRAFT, kind: 'intrusion', shape: 'yard' })).toEqual({
      kind: 'intrusion',
      zone: 'yard',
    });
  });

  it('names the signal of a camera, its input, and a contact that opens', () => {
    const panel = { ...DRAFT, kind: 'camera_event' as const };
    expect(ruleOf(panel)).toEqual({ kind: 'camera_event', events: ['digital_input'] });
    expect(ruleOf({ ...panel, source: ' DI 1 ', whenInactive: true })).toEqual({
      kind: 'camera_event',
      events: ['digital_input'],
      source: 'DI 1',
      when_inactive: true,
    });
    expect(detailOf({ ...panel, source: ' DI/1 ' })).toBe('digital-input-DI-1');
    expect(detailOf({ ...DRAFT, shape: 'yard' })).toBe('yard');
  });

  it('has words for every kind and signal in both languages', () => {
    for (const words of [vi, en]) {
      for (const kind of RULE_KINDS) expect(words.registry.ruleKinds[kind]).toBeTruthy();
      for (const one of CAMERA_EVENTS)
        expect(words.labels(one)).not.toBe(words.labels('unheard-of'));
    }
    expect(RULE_KINDS.filter((kind) => !(KINDS as readonly string[]).includes(kind))).toEqual([]);
  });
});
