import { describe, expect, it } from 'vitest';

import { EventParser } from './event-source';

describe('server-sent events', () => {
  it('survives any cutting', () => {
    const text =
      'id: 7\r\nevent: change\r\ndata: {"a":\r\ndata: 1}\r\n\r\n: ping\n\nevent: heartbeat\ndata: {}\n\n';
    const expected = [
      { name: 'change', data: '{"a":\n1}', id: '7' },
      { name: 'heartbeat', data: '{}', id: '7' },
    ];
    for (let cut = 0; cut <= text.length; cut += 1) {
      const parser = new EventParser();
      const events = [...parser.feed(text.slice(0, cut)), ...parser.feed(text.slice(cut))];
      expect(events, `cut at ${cut}`).toEqual(expected);
    }
  });

  it('gives nothing for an event without data', () => {
    expect(new EventParser().feed('event: change\nid: 3\n\n')).toEqual([]);
  });

  it('keeps the last id over events that have none', () => {
    const parser = new EventParser('41');
    expect(parser.feed('data: x\n\n')).toEqual([{ name: 'message', data: 'x', id: '41' }]);
  });
});
