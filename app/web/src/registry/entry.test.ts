import { describe, expect, it } from 'vitest';

import { differences, formOf, idOf, patchOf, rangeOf, tableOf, type CameraEntry } from './entry';

const GATE: CameraEntry = {
  id: 'gate',
  name: 'Cổng',
  source: 'rtsp://<secret>@10.0.0.7/live',
  agency: 'csgt',
  lat: 21.03,
  lon: 105.85,
};

describe('the form of a camera', () => {
  it('sends nothing where nothing was changed', () => {
    expect(patchOf(GATE, formOf(GATE))).toEqual({});
  });

  it('sends what was changed, null where it was emptied, numbers as numbers', () => {
    const form = formOf(GATE);
    form.fields.agency = ' ';
    form.fields.lat = '21,04';
    form.fields.bearing_deg = 'bắc';
    form.enabled = false;
    expect(patchOf(GATE, form)).toEqual({
      agency: null,
      lat: 21.04,
      bearing_deg: 'bắc',
      enabled: false,
    });
  });

  it('switches recording on and off, and leaves it to the site again', () => {
    const form = formOf(GATE);
    form.recorded = 'on';
    expect(patchOf(GATE, form)).toEqual({ record: true });
    const off = formOf({ ...GATE, record: false });
    expect(off.recorded).toBe('off');
    off.recorded = 'as_site';
    expect(patchOf({ ...GATE, record: false }, off)).toEqual({ record: null });
  });

  it('names the stream of the camera’s own objects, or takes the name away', () => {
    const form = formOf(GATE);
    expect(form.metadata).toBe('off');
    form.metadata = 'main_source';
    expect(patchOf(GATE, form)).toEqual({ metadata: 'main_source' });
    const off = formOf({ ...GATE, metadata: 'source' });
    expect(off.metadata).toBe('source');
    off.metadata = 'off';
    expect(patchOf({ ...GATE, metadata: 'source' }, off)).toEqual({ metadata: null });
  });

  it('listens to the signals of a camera that has an ONVIF address, and keeps the address', () => {
    const onvif = { service: 'http://10.0.0.7/onvif/device_service', mac: '00:1a:2b:3c:4d:5e' };
    const form = formOf({ ...GATE, onvif });
    expect(form.events).toBe(false);
    form.events = true;
    expect(patchOf({ ...GATE, onvif }, form)).toEqual({ onvif: { ...onvif, events: true } });
    expect(patchOf(GATE, form)).toEqual({});
  });

  it('has times by the clock of Hà Nội, and leaves one that nobody changed as it was', () => {
    const timed = { ...GATE, valid_from: '2026-11-26T01:00:30Z' };
    const form = formOf(timed);
    expect(form.fields.valid_from).toBe('2026-11-26T08:00');
    expect(patchOf(timed, form)).toEqual({});
    form.fields.valid_from = '2026-11-27T08:00';
    form.fields.valid_to = '2026-12-26T08:00';
    expect(patchOf(timed, form)).toEqual({
      valid_from: '2026-11-27T08:00:00+07:00',
      valid_to: '2026-12-26T08:00:00+07:00',
    });
    form.fields.valid_from = '';
    expect(patchOf(timed, form)['valid_from']).toBeNull();
  });

  it('makes an id of the name where none was typed', () => {
    const form = formOf(null);
    form.fields.name = 'Cổng sau';
    form.fields.source = 'rtsp://10.0.0.7/live';
    expect(tableOf(form)).toEqual({
      id: 'cong-sau',
      name: 'Cổng sau',
      source: 'rtsp://10.0.0.7/live',
    });
  });
});

describe('the rows of a long table', () => {
  it('are those of the window and some beside it', () => {
    expect(rangeOf(36_000, 720, 36, 40_000)).toEqual({ from: 992, to: 1028 });
    expect(rangeOf(0, 720, 36, 5)).toEqual({ from: 0, to: 5 });
    expect(rangeOf(99_999, 720, 36, 3)).toEqual({ from: 3, to: 3 });
  });
});

describe('what a change was', () => {
  const asItIs = () => null;

  it('is told in the words for its values where there are some', () => {
    const read = (key: string, value: unknown) =>
      key === 'agency' && value === 'csgt' ? 'Cảnh sát giao thông' : null;
    expect(differences({ agency: 'csgt' }, { agency: 'gone' }, read)).toEqual([
      { key: 'agency', before: 'Cảnh sát giao thông', after: 'gone' },
    ]);
  });

  it('is told key by key', () => {
    expect(differences({ name: 'A', lat: 1 }, { name: 'B', lat: 1 }, asItIs)).toEqual([
      { key: 'name', before: 'A', after: 'B' },
    ]);
    expect(differences(null, { id: 'a' }, asItIs)).toEqual([{ key: 'id', before: '', after: 'a' }]);
  });

  it('names zones, and shows the corners of one that was only redrawn', () => {
    const zone = (x: number) => [{ id: 'san', name: 'Sân', polygon: [[x, 0.1]] }];
    expect(differences(null, { zones: zone(0.1) }, asItIs)).toEqual([
      { key: 'zones', before: '', after: 'Sân' },
    ]);
    const [redrawn] = differences({ zones: zone(0.1) }, { zones: zone(0.2) }, asItIs);
    expect(redrawn?.after).toContain('[0.2,0.1]');
  });

  it.each([
    ['Cổng số 1 – Đường Láng', 'cong-so-1-duong-lang'],
    ['***', ''],
  ])('names %s %s', (name, id) => expect(idOf(name)).toBe(id));
});
