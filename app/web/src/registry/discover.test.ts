import { describe, expect, it, vi } from 'vitest';

import { ApiError } from '../api/client';
import {
  draftOf,
  fingerprintMet,
  loginOf,
  withLogin,
  type Described,
  type Found,
} from './discover-api';

vi.hoisted(() => vi.stubGlobal('localStorage', { getItem: () => null }));

const FOUND: Found = {
  address: '10.1.0.7',
  service: 'http://10.1.0.7/onvif/device_service',
  endpoint: 'urn:uuid:1',
  name: '',
  hardware: '',
  location: '',
  mac: null,
  is_known: false,
  is_moved: false,
  camera: null,
};
const profile = (token: string, stream: string | null): Described['profiles'][number] => ({
  token,
  name: token,
  stream,
  codec: 'H264',
  width: 640,
  height: 360,
  fps: 25,
  keyframe_interval_s: 2,
  bitrate_kbps: 512,
});
const SAID: Described = {
  manufacturer: 'Hãng',
  model: 'M1',
  serial: '1',
  firmware: '1',
  mac: '00:1a:2b:3c:4d:5e',
  clock_ahead_s: 0,
  turns: true,
  profiles: [profile('sub', 'rtsp://10.1.0.7/sub'), profile('main', 'rtsp://10.1.0.7/main')],
  watched: 'sub',
  shown: 'main',
};

describe('a found camera in the form of a new one', () => {
  it('has its streams with the login, and what it is known by', () => {
    const login = { user: 'an', password: 'mật:k/h@u' };
    const { form, onvif } = draftOf(FOUND, SAID, login, { watched: 'sub', shown: 'main' });
    expect(form.fields.name).toBe('Hãng M1');
    expect(form.fields.source).toBe('rtsp://an:m%E1%BA%ADt%3Ak%2Fh%40u@10.1.0.7/sub');
    expect(form.fields.main_source).toContain('@10.1.0.7/main');
    expect(form.ptz).toBe(true);
    expect(onvif).toEqual({
      service: FOUND.service,
      endpoint: 'urn:uuid:1',
      mac: '00:1a:2b:3c:4d:5e',
    });
  });

  it('has one stream where both are the same, and no login where none was typed', () => {
    const one = { watched: 'sub', shown: 'sub' };
    const { form } = draftOf(FOUND, SAID, { user: '', password: '' }, one);
    expect(form.fields.source).toBe('rtsp://10.1.0.7/sub');
    expect(form.fields.main_source).toBe('');
    expect(withLogin('', { user: 'an', password: 'b' })).toBe('');
  });

  it('keeps the fingerprint that was believed, however it was typed', () => {
    const pin = 'ab'.repeat(32);
    const typed = `${'AB:'.repeat(31)}AB `;
    const login = loginOf(' an ', 'b', typed);
    expect(login).toEqual({ user: 'an', password: 'b', tls_pin: pin });
    const { form } = draftOf(FOUND, SAID, login, { watched: 'sub', shown: 'main' });
    expect(form.fields.tls_pin).toBe(pin);
    expect(loginOf('', '', ' ')).toEqual({ user: '', password: '' });
  });

  it('tells the fingerprint that was met, of a certificate alone', () => {
    const refusal = { error: 'onvif_certificate', detail: 'x' };
    expect(fingerprintMet(new ApiError(422, { ...refusal, fingerprint: 'ab' }))).toBe('ab');
    expect(fingerprintMet(new ApiError(422, { ...refusal, fingerprint: null }))).toBe('');
    expect(fingerprintMet(new Error('x'))).toBe('');
  });
});
