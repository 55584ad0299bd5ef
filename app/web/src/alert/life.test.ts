import { describe, expect, it } from 'vitest';

import type { Action, Alert, Role } from '../api/types';
import { awaitsCosign, needsCosign, nextStep, refused, type Officer, type Refused } from './life';
import { madeAlert } from './made';

const user = (...roles: Role[]): Officer => ({ username: 'lan', roles });
const lan = { username: 'lan', name: 'Lan' };
const minh = { username: 'minh', name: 'Minh' };
const held = (owner: Alert['owner']) => madeAlert({ state: 'acknowledged', owner });
const waiting = madeAlert({
  state: 'acknowledged',
  owner: lan,
  reject_reason: 'steam',
  cosign_wanted_by: lan,
});

describe('what is offered', () => {
  it.each<[string, Action, Alert, Officer, Refused | null]>([
    ['taking what is free', 'acknowledge', madeAlert(), user('operator'), null],
    ['taking what another has', 'acknowledge', held(minh), user('operator'), 'taken'],
    [
      'taking what is closed',
      'acknowledge',
      madeAlert({ state: 'closed' }),
      user('operator'),
      'closed',
    ],
    ['a verdict before taking', 'confirm', madeAlert(), user('operator'), 'not_taken'],
    [
      'a verdict on a doubt before taking',
      'reject',
      madeAlert({ priority: 3 }),
      user('operator'),
      null,
    ],
    ['a verdict on my own', 'confirm', held(lan), user('operator'), null],
    ['a verdict on another’s', 'reject', held(minh), user('operator'), 'taken'],
    ['a leader’s verdict on another’s', 'reject', held(minh), user('leader'), null],
    [
      'a second verdict',
      'confirm',
      madeAlert({ state: 'rejected' }),
      user('operator'),
      'has_verdict',
    ],
    ['claiming what is free', 'claim', madeAlert(), user('operator'), 'free'],
    ['claiming from another', 'claim', held(minh), user('operator'), null],
    ['claiming one’s own', 'claim', held(lan), user('operator'), 'mine'],
    ['claiming what is over', 'claim', madeAlert({ state: 'closed' }), user('leader'), 'closed'],
    ['handing over one’s own', 'hand_over', held(lan), user('operator'), null],
    ['handing over another’s', 'hand_over', held(minh), user('operator'), 'taken'],
    ['a leader handing over another’s', 'hand_over', held(minh), user('leader'), null],
    ['handing over what is free', 'hand_over', madeAlert(), user('leader'), 'not_taken'],
    ['an agency says it has read', 'receipt', madeAlert(), user('agency'), null],
    ['an agency writes beside', 'note', madeAlert(), user('agency'), null],
    ['an agency gives no verdict', 'confirm', madeAlert(), user('agency'), 'role'],
    ['an officer does not read for an agency', 'receipt', madeAlert(), user('operator'), 'role'],
    ['a note on what is closed', 'note', madeAlert({ state: 'closed' }), user('operator'), null],
    ['rejecting twice', 'reject', waiting, user('operator'), 'awaits_leader'],
    ['thinking better of it', 'confirm', waiting, user('operator'), null],
    ['a leader’s co-sign', 'reject', waiting, user('leader'), null],
    [
      'a co-sign after the lease',
      'reject',
      { ...waiting, state: 'new', owner: null },
      user('leader'),
      null,
    ],
    ['closing without a verdict', 'close', held(lan), user('operator'), 'no_verdict'],
    ['closing with one', 'close', madeAlert({ state: 'confirmed' }), user('operator'), null],
    ['closing twice', 'close', madeAlert({ state: 'closed' }), user('operator'), 'closed'],
    [
      'an operator reopening',
      'reopen',
      madeAlert({ state: 'closed' }),
      user('operator'),
      'leader_only',
    ],
    ['a leader reopening', 'reopen', madeAlert({ state: 'closed' }), user('leader'), null],
    ['reopening what is open', 'reopen', held(lan), user('leader'), 'open'],
    [
      'an admin who also leads',
      'reopen',
      madeAlert({ state: 'closed' }),
      user('admin', 'leader'),
      null,
    ],
  ])('%s', (_, action, alert, officer, expected) => {
    expect(refused(action, alert, officer)).toBe(expected);
  });

  it.each<Role>(['viewer', 'technician', 'agency', 'auditor', 'admin'])('nothing to %s', (role) => {
    for (const action of ['acknowledge', 'confirm', 'reject', 'close', 'reopen'] as const) {
      expect(refused(action, madeAlert(), user(role))).toBe('role');
    }
  });
});

describe('the leader’s co-sign', () => {
  it('is wanted for an operator’s rejection where the centre says so', () => {
    const takesTwo = madeAlert({ priority: 3, takes_two: true });
    expect(needsCosign(takesTwo, user('operator'))).toBe(true);
    expect(needsCosign(takesTwo, user('leader'))).toBe(false);
    expect(needsCosign(madeAlert({ takes_two: false }), user('operator'))).toBe(false);
  });

  it('is awaited until the verdict stands', () => {
    expect(awaitsCosign(waiting)).toBe(true);
    expect(awaitsCosign({ ...waiting, state: 'rejected', cosign_wanted_by: null })).toBe(false);
    expect(awaitsCosign(held(lan))).toBe(false);
  });
});

describe('the step to recommend', () => {
  const row = (part: object) =>
    ({
      state: 'verifying',
      step: 'open',
      holder: lan,
      unsettled: 0,
      sources: [],
      ...part,
    }) as never;
  const next = (alert: Alert | null, of: object | null, ...offered: Action[]) =>
    nextStep({ id: alert?.id ?? 'call', alert, row: of && row(of) }, user('operator'), (step) =>
      offered.includes(step),
    );
  const real = madeAlert({ state: 'confirmed', owner: lan });

  it('of a confirmed fire are units, until one is sent', () => {
    expect(next(real, { state: 'confirmed' }, 'close')).toBe('dispatch');
    expect(next(null, { sources: [{ id: 'call', verdict: 'true' }] }, 'confirm')).toBe('dispatch');
    expect(next(real, { state: 'confirmed', holder: minh })).toBeNull();
  });

  it('is the end only where nothing is out there and each source has its verdict', () => {
    expect(next(real, { state: 'dispatched', step: 'on_scene' }, 'close')).toBeNull();
    expect(next(real, { state: 'dispatched', step: 'controlled' }, 'close')).toBe('close');
    expect(next(real, { unsettled: 1 }, 'close')).toBeNull();
    expect(next(real, null, 'close')).toBe('close');
  });

  it('is no second verdict', () => {
    expect(next(waiting, {}, 'confirm', 'close')).toBeNull();
    const judged = { sources: [{ id: 'call', verdict: 'false' }], unsettled: 1 };
    expect(next(null, judged, 'confirm', 'reject', 'close')).toBeNull();
  });
});
