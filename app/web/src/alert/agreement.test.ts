import { describe, expect, it } from 'vitest';

import { burnsBeside, foldedOf } from './agreement';
import { madeAlert } from './made';
import { groupOf } from './triage';

const here = madeAlert({ id: 'here', lat: 21.02, lon: 105.85 });
const beside = { camera: 'th-018', lat: 21.0215, lon: 105.85 } as const; // 167 m north
const ids = (alerts: ReturnType<typeof burnsBeside>) => alerts.map(({ id }) => id);

describe('neighbours that burn together', () => {
  it.each([
    ['a camera 167 m away', {}, ['other']],
    ['its smoke', { kind: 'smoke' }, ['other']],
    ['the same camera', { camera: here.camera }, []],
    ['445 m away', { lat: 21.024 }, []],
    ['an unknown place', { lat: null }, []],
    ['a crowd', { kind: 'crowd' }, []],
    ['a quarter of an hour before', { raised_at: '2026-11-24T06:46:00Z' }, []],
    ['what was found false', { state: 'rejected', reject_reason: 'steam' }, []],
    ['what is over', { state: 'closed' }, []],
    ['a drill', { exercise: true }, []],
  ] as const)('%s', (_, part, found) => {
    const other = madeAlert({ id: 'other', ...beside, ...part });
    expect(ids(burnsBeside(here, [here, other], 300))).toEqual(found);
  });

  it('takes a fire that is still seen as of now, however long ago it began', () => {
    const long = { raised_at: '2026-11-24T06:20:00Z', last_seen_at: '2026-11-24T07:01:40Z' };
    const other = madeAlert({ id: 'other', ...beside, ...long });
    expect(ids(burnsBeside(here, [here, other], 300))).toEqual(['other']);
    expect(ids(burnsBeside(other, [here, other], 300))).toEqual(['here']);
  });

  it('is as near as the centre says', () => {
    const other = madeAlert({ id: 'other', ...beside });
    expect(ids(burnsBeside(here, [here, other], 160))).toEqual([]);
    expect(ids(burnsBeside(here, [here, other], 170))).toEqual(['other']);
  });

  it('asks nothing about what does not burn', () => {
    const crowd = madeAlert({ kind: 'crowd', lat: 21.02, lon: 105.85 });
    expect(burnsBeside(crowd, [madeAlert(beside)], 300)).toEqual([]);
  });
});

describe('a device and the camera that sees what it tells of', () => {
  const seen = madeAlert({
    id: 'seen',
    ...beside,
    corroboration: 'device',
    corroborated_by: 'Tủ báo cháy chợ',
  });
  const told = {
    id: 'told',
    rule: 'device',
    camera: 'tu-cho',
    camera_name: 'Tủ báo cháy chợ',
    lat: 21.02,
    lon: 105.85,
  } as const;
  const none = new Map<string, unknown>();
  const cards = (alerts: ReturnType<typeof madeAlert>[], answered = none) =>
    [...foldedOf(alerts, answered, 300)].map(([id, some]) => [id, ids(some)]);

  it('are one card, whichever came first', () => {
    const device = madeAlert(told);
    expect(cards([device, seen])).toEqual([['seen', ['told']]]);
    expect(cards([seen, device])).toEqual([['seen', ['told']]]);
  });

  it.each([
    ['the camera agrees with another device', { camera_name: 'Tủ khác' }],
    ['the device tells of gas', { kind: 'device_fault' }],
    ['the device stands elsewhere', { lat: 21.03 }],
    ['it told long before', { raised_at: '2026-11-24T06:46:00Z' }],
    ['somebody answered the device alone', { state: 'acknowledged' }],
    ['it is a drill', { exercise: true }],
  ] as const)('are two where %s', (_, part) => {
    expect(cards([madeAlert({ ...told, ...part }), seen])).toEqual([]);
  });

  it('stay one while the answer to the card is carried over to the device', () => {
    const device = madeAlert(told);
    const taken = madeAlert({ ...seen, state: 'acknowledged' });
    expect(cards([device, taken])).toEqual([]);
    expect(cards([device, taken], new Map([['told', 'acknowledge']]))).toEqual([
      ['seen', ['told']],
    ]);
  });

  it('stand on one card where two cameras agree with one device', () => {
    const other = madeAlert({ ...seen, id: 'other', camera: 'th-019' });
    expect(cards([madeAlert(told), seen, other])).toEqual([['seen', ['told']]]);
  });

  it('never leaves the list without a card of it', () => {
    const states = ['new', 'acknowledged', 'confirmed', 'rejected', 'closed'] as const;
    for (const one of states)
      for (const other of states) {
        const all = [madeAlert({ ...told, state: one }), madeAlert({ ...seen, state: other })];
        const hidden = [...foldedOf(all, none, 300).values()].flat();
        for (const device of hidden) expect(groupOf(device)).toBe(groupOf(all[1]!));
      }
  });
});
