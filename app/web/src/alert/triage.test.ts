import { describe, expect, it } from 'vitest';

import type { Alert } from '../api/types';
import { madeAlert } from './made';
import { chimeFor } from '../sound/plan';
import { BUILT_KINDS } from './built-kinds';
import {
  compareForTriage,
  corroborationOf,
  groupOf,
  isOpen,
  isUrgent,
  markOf,
  matches,
  passes,
} from './triage';

const BUILT_FAULTS = [...BUILT_KINDS.values()]
  .filter((each) => each.is_system)
  .map(({ kind }) => kind);

const at = (second: number) => `2026-11-24T07:00:${String(second).padStart(2, '0')}Z`;

describe('triage order', () => {
  it('puts unanswered first, P1 before P2, the longest waiting on top, faults apart', () => {
    const alerts = [
      madeAlert({ id: 'old p1', raised_at: at(1) }),
      madeAlert({ id: 'new p1', raised_at: at(9) }),
      madeAlert({ id: 'system', kind: 'camera_offline', priority: 1, raised_at: at(30) }),
      madeAlert({ id: 'held p1', state: 'acknowledged', raised_at: at(40) }),
      madeAlert({ id: 'p3', kind: 'crowd', priority: 3, raised_at: at(50) }),
      madeAlert({ id: 'p2', kind: 'intrusion', priority: 2, raised_at: at(5) }),
      madeAlert({ id: 'closed late', state: 'closed', raised_at: at(1), closed_at: at(59) }),
      madeAlert({ id: 'closed early', state: 'closed', raised_at: at(2), closed_at: at(40) }),
    ];
    expect(alerts.sort(compareForTriage).map((alert) => alert.id)).toEqual([
      'old p1',
      'new p1',
      'p2',
      'p3',
      'held p1',
      'system',
      'closed late',
      'closed early',
    ]);
  });

  it('keeps a fire that waits for 22 minutes above 200 newer ones', () => {
    const fire = madeAlert({ id: 'fire', raised_at: '2026-11-24T06:38:00Z' });
    const newer = Array.from({ length: 200 }, (_, i) => madeAlert({ raised_at: at(i % 60) }));
    expect([...newer, fire].sort(compareForTriage)[0]?.id).toBe('fire');
  });

  it.each([
    ['lease_expired', 'returned'],
    ['area_doubled', 'grown'],
    ['another_zone', 'grown'],
    ['worse_kind', 'burns'],
    ['first', null],
  ] as const)('puts %s as %s', (spoke_reason, mark) => {
    const alert = madeAlert({ id: 'it', spoke_reason, raised_at: at(40) });
    const older = madeAlert({ id: 'older', raised_at: at(1) });
    const p2 = madeAlert({
      id: 'p2',
      kind: 'intrusion',
      priority: 2,
      spoke_reason: 'area_doubled',
    });
    expect(markOf(alert)).toBe(mark);
    expect([p2, older, alert].sort(compareForTriage).map(({ id }) => id)).toEqual(
      mark === null ? ['older', 'it', 'p2'] : ['it', 'older', 'p2'],
    );
    expect(markOf({ ...alert, state: 'acknowledged' })).toBeNull();
  });

  it.each(BUILT_FAULTS)('keeps %s out of what officers answer, for technicians', (kind) => {
    const fault = madeAlert({ kind, priority: 1 });
    expect([groupOf(fault), isOpen(fault), isUrgent(fault)]).toEqual(['fault', false, false]);
    expect([passes(fault, 'open'), passes(fault, 'unanswered'), passes(fault, 'fault')]).toEqual([
      false,
      false,
      true,
    ]);
    expect(chimeFor(fault)).toBeNull();
    expect(chimeFor(fault, true)).toBe('fault');
  });

  it('puts the system’s trouble that is over below a confirmed fire', () => {
    const confirmed = madeAlert({ id: 'fire', state: 'confirmed' });
    const system = { kind: 'camera_offline', priority: 1 } as const;
    const over = madeAlert({ id: 'over', condition: 'cleared', ...system });
    const goesOn = madeAlert({ id: 'goes on', ...system });
    expect([over, confirmed, goesOn].sort(compareForTriage).map(({ id }) => id)).toEqual([
      'fire',
      'goes on',
      'over',
    ]);
  });

  it.each(['call', 'device'] as const)(
    'puts a P1 that a %s told of too before all others',
    (told) => {
      const sure = madeAlert({ id: 'sure', corroboration: told, raised_at: at(50) });
      const older = madeAlert({ id: 'older', raised_at: at(1) });
      const back = madeAlert({ id: 'back', spoke_reason: 'lease_expired', raised_at: at(2) });
      const person = { username: 'an', name: 'An' };
      const cosign = madeAlert({ id: 'cosign', state: 'acknowledged', cosign_wanted_by: person });
      const all = [cosign, older, back, sure];
      const ids = (sorted: Alert[]) => sorted.map(({ id }) => id);
      expect(ids([...all].sort(compareForTriage))).toEqual(['sure', 'back', 'older', 'cosign']);
      expect(corroborationOf(sure)).toBe(told);
      expect(corroborationOf({ ...sure, state: 'closed' })).toBeNull();
      expect(corroborationOf({ ...sure, priority: 2 })).toBeNull();
    },
  );

  it('puts a rejection that waits for a signature behind what nobody has seen', () => {
    const person = { username: 'an', name: 'An' };
    const freed = madeAlert({
      id: 'rejected',
      cosign_wanted_by: person,
      spoke_reason: 'lease_expired',
      raised_at: at(1),
    });
    const unseen = madeAlert({ id: 'unseen', raised_at: at(50) });
    const p2 = madeAlert({ id: 'p2', kind: 'intrusion', priority: 2 });
    const sorted = [p2, freed, unseen].sort(compareForTriage);
    expect(sorted.map(({ id }) => id)).toEqual(['unseen', 'rejected', 'p2']);
  });

  it('lists what waits for a leader’s word', () => {
    const asked = { username: 'an', name: 'An' };
    const cosign = madeAlert({ id: 'cosign', state: 'acknowledged', cosign_wanted_by: asked });
    const fire = madeAlert({ id: 'fire' });
    expect([cosign, fire].filter((alert) => passes(alert, 'cosign'))).toEqual([cosign]);
    expect(passes({ ...cosign, state: 'closed' }, 'cosign')).toBe(false);
  });

  it('lists what was closed as real and is still seen', () => {
    const judged = { state: 'closed', verdict_by: { username: 'an', name: 'An' } } as const;
    const alerts = [
      madeAlert({ id: 'burns', ...judged }),
      madeAlert({ id: 'out', ...judged, condition: 'cleared' }),
      madeAlert({ id: 'false', ...judged, reject_reason: 'lights' }),
      madeAlert({ id: 'camera', ...judged, kind: 'camera_offline' }),
      madeAlert({ id: 'open', ...judged, state: 'confirmed' }),
    ];
    const listed = alerts.filter((alert) => passes(alert, 'still_seen'));
    expect(listed.map(({ id }) => id)).toEqual(['burns']);
  });

  it('keeps what is laid aside out of the list and silent, until it is closed', () => {
    const aside = madeAlert({ shelf: 'shelf-1' });
    expect(groupOf(aside)).toBe('shelved');
    expect([passes(aside, 'open'), passes(aside, 'shelved'), isUrgent(aside)]).toEqual([
      false,
      true,
      false,
    ]);
    expect(groupOf({ ...aside, state: 'closed' })).toBe('closed');
  });

  it('keeps what is doubted apart, silent and out of the open list, until somebody judges it', () => {
    const doubt = madeAlert({ priority: 3 });
    expect(groupOf(doubt)).toBe('review');
    expect([passes(doubt, 'open'), passes(doubt, 'unanswered'), passes(doubt, 'review')]).toEqual([
      false,
      false,
      true,
    ]);
    expect(groupOf({ ...doubt, state: 'acknowledged' })).toBe('review');
    expect(groupOf({ ...doubt, state: 'confirmed' })).toBe('working');
    expect(groupOf({ ...doubt, priority: 1 })).toBe('unanswered');
    expect(groupOf({ ...doubt, kind: 'crowd' })).toBe('unanswered');
    expect(groupOf({ ...doubt, shelf: 'shelf-1' })).toBe('shelved');
  });

  it('puts a drill behind everything real of its rank', () => {
    const drill = madeAlert({ exercise: true, raised_at: at(50) });
    const real = madeAlert({ raised_at: at(1) });
    const lesser = madeAlert({ kind: 'intrusion', priority: 2, raised_at: at(1) });
    expect([lesser, drill, real].sort(compareForTriage)).toEqual([real, drill, lesser]);
  });

  it('is the same whichever order the alerts came in', () => {
    const same = [madeAlert({ id: 'a' }), madeAlert({ id: 'b' }), madeAlert({ id: 'c' })];
    const forward = [...same].sort(compareForTriage);
    expect([...same].reverse().sort(compareForTriage)).toEqual(forward);
  });

  it.each([
    ['new', 'unanswered'],
    ['acknowledged', 'working'],
    ['confirmed', 'working'],
    ['rejected', 'working'],
    ['closed', 'closed'],
  ] as const)('%s stands among %s', (state, group) => {
    const alert = madeAlert({ state });
    expect(groupOf(alert)).toBe(group);
    expect(passes(alert, group)).toBe(true);
    expect(passes(alert, 'open')).toBe(group !== 'closed');
  });

  it('calls only an unanswered P1 urgent', () => {
    expect(isUrgent(madeAlert())).toBe(true);
    expect(isUrgent(madeAlert({ state: 'acknowledged' }))).toBe(false);
    expect(isUrgent(madeAlert({ priority: 2 }))).toBe(false);
    expect(isUrgent(madeAlert({ kind: 'worker_lost', priority: 1 }))).toBe(false);
  });
});

describe('search', () => {
  it.each([
    ['cua nam', true],
    ['CỬA', true],
    ['hung dao', true],
    ['dao hang', true],
    ['long bien', false],
  ])('%s', (question, found) => {
    expect(matches(question, 'Trần Hưng Đạo – Hàng Bài · P. Cửa Nam')).toBe(found);
  });
});
