import { describe, expect, it } from 'vitest';

import {
  afterCommonGap,
  blindTimes,
  codecsOf,
  gapAt,
  gapsOf,
  mediaTime,
  share,
  stretchAround,
  ticks,
  type Recording,
} from './stretch';

const NOW = Date.parse('2026-11-25T03:00:00Z');
const MINUTE = 60_000;

const recording: Recording = {
  camera: 'a',
  from: '2026-11-25T02:30:00.000Z',
  to: '2026-11-25T03:00:00.000Z',
  recorded_from: '2026-11-25T02:30:00.000Z',
  kept_from: null,
  segments: [
    {
      id: 1,
      from: '2026-11-25T02:30:00.000Z',
      to: '2026-11-25T02:30:10.000Z',
      run: 'r',
      bytes: 1,
      codec: 'avc1.64001f',
    },
    {
      id: 2,
      from: '2026-11-25T02:30:10.000Z',
      to: '2026-11-25T02:30:20.000Z',
      run: 'r',
      bytes: 1,
      codec: 'avc1.64001f',
    },
  ],
  gaps: [
    {
      from: '2026-11-25T02:30:20.000Z',
      to: '2026-11-25T02:40:00.000Z',
      reason: 'disk_full',
      packets: 3,
    },
  ],
};

describe('a stretch of recordings', () => {
  it('is half an hour around the moment and ends now at the latest', () => {
    const around = stretchAround(NOW - 2 * MINUTE, NOW);
    expect(around).toEqual({ from: NOW - 30 * MINUTE, to: NOW });
    expect(stretchAround(NOW - 60 * MINUTE, NOW)).toEqual({
      from: NOW - 75 * MINUTE,
      to: NOW - 45 * MINUTE,
    });
  });

  it('finds a moment in the player’s time, and none in a gap', () => {
    const pieces = [
      { at: 1000, seconds: 10, start: 0 },
      { at: 11_000, seconds: 10, start: 10 },
      { at: 61_000, seconds: 10, start: 60.5 },
    ];
    expect(mediaTime(pieces, 1000)).toBe(0);
    expect(mediaTime(pieces, 12_500)).toBe(11.5);
    expect(mediaTime(pieces, 62_000)).toBe(61.5);
    expect(mediaTime(pieces, 30_000)).toBeNull();
    expect(mediaTime(pieces, 999)).toBeNull();
    expect(mediaTime([], 5)).toBeNull();
  });

  it('knows what is missing, and skips only what every camera lacks', () => {
    const gaps = gapsOf(recording);
    const within = Date.parse('2026-11-25T02:35:00Z');
    expect(gapAt(gaps, within)?.reason).toBe('disk_full');
    expect(gapAt(gaps, within + 5 * MINUTE)).toBeNull();
    expect(afterCommonGap([gaps], within)).toBe(Date.parse('2026-11-25T02:40:00Z'));
    expect(afterCommonGap([gaps, []], within)).toBe(within);
    expect(afterCommonGap([], within)).toBe(within);
  });

  it('tells when nobody watched, cut to the stretch, what touches as one', () => {
    const span = (since: string, until: string | null, sees: boolean) => ({
      since: `2026-11-25T${since}Z`,
      until: until && `2026-11-25T${until}Z`,
      state: sees ? 'online' : 'offline',
      reason: '',
      picture: 'good',
      sees,
    });
    const spans = [
      span('02:00:00', '02:31:00', false),
      span('02:31:00', '02:33:00', false),
      span('02:33:00', '02:50:00', true),
      span('02:50:00', null, false),
    ];
    const at = (time: string): number => Date.parse(`2026-11-25T${time}Z`);
    expect(blindTimes(spans, { from: at('02:30:00'), to: NOW })).toEqual([
      { from: at('02:30:00'), to: at('02:33:00') },
      { from: at('02:50:00'), to: NOW },
    ]);
    expect(blindTimes(spans, { from: at('02:34:00'), to: at('02:50:00') })).toEqual([]);
  });

  it('puts marks on the axis', () => {
    const stretch = stretchAround(NOW, NOW);
    expect(share(stretch, NOW)).toBe(100);
    expect(share(stretch, NOW - 15 * MINUTE)).toBe(50);
    expect(share(stretch, 0)).toBe(0);
    expect(ticks(stretch)).toHaveLength(7);
    expect(codecsOf(recording)).toEqual(['avc1.64001f']);
  });
});
