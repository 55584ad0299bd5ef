/** Requests of the search for cameras, and what a chosen one puts into the form. */

import { api, ApiError, type components } from '../api';
import { formOf, type Form, type OnvifLink } from './entry';
import { rowOf } from './registry-api';

type Schemas = components['schemas'];
export type Found = Schemas['FoundCameraResponse'];
export type Described = Schemas['OnvifCameraResponse'];
export type Profile = Schemas['OnvifProfileResponse'];

interface Login {
  readonly user: string;
  readonly password: string;
  /** SHA-256 of the certificate that is believed at an https address. */
  readonly tls_pin?: string;
}
/** A form that a found camera has filled, and what of it has no field. */
export interface Draft {
  readonly form: Form;
  readonly onvif: OnvifLink;
}

export const networks = async () => (await api.get('/registry/discover')).networks;
export const search = async (network: string) =>
  (await api.post('/registry/discover', { body: network ? { network } : {} })).items;
export const described = (service: string, login: Login) =>
  api.post('/registry/discover/camera', { body: { service, ...login } });
export const setKeyframes = (service: string, login: Login, token: string) =>
  api.post('/registry/discover/keyframes', { body: { service, ...login, token, interval_s: 1 } });
export const follow = async (id: string, address: string) =>
  rowOf(
    await api.post('/registry/cameras/{entry_id}/follow', {
      path: { entry_id: id },
      body: { address },
    }),
  );

/** The form of a new camera: its name, its streams with the login in them, whether it turns. */
export function draftOf(
  found: Found,
  said: Described,
  login: Login,
  streams: { watched: string; shown: string },
): Draft {
  const form = formOf(null);
  const of = (token: string): string =>
    withLogin(said.profiles.find((each) => each.token === token)?.stream ?? '', login);
  form.fields.name = found.name || `${said.manufacturer} ${said.model}`.trim();
  form.fields.source = of(streams.watched);
  if (streams.shown !== streams.watched) form.fields.main_source = of(streams.shown);
  form.fields.tls_pin = login.tls_pin ?? '';
  form.ptz = said.turns;
  const mac = said.mac ?? found.mac;
  const onvif = { service: found.service, ...(found.endpoint && { endpoint: found.endpoint }) };
  return { form, onvif: mac ? { ...onvif, mac } : onvif };
}

/** The login as it is sent; a fingerprint may be typed as other programs show it, `AA:BB:…`. */
export function loginOf(user: string, password: string, pin: string): Login {
  const digits = pin.replace(/[\s:]/g, '').toLowerCase();
  return { user: user.trim(), password, ...(digits && { tls_pin: digits }) };
}

/** The fingerprint of a certificate that was met and is not believed. */
export function fingerprintMet(error: unknown): string {
  return error instanceof ApiError ? (error.refusal.fingerprint ?? '') : '';
}

export function withLogin(stream: string, { user, password }: Login): string {
  if (!user) return stream;
  const login = `${encodeURIComponent(user)}:${encodeURIComponent(password)}`;
  return stream.replace('://', `://${login}@`);
}
