/**
 * The one door to the centre's HTTP API. Every answer is typed; every refusal is an `ApiError` with
 * the centre's own words; silence is `Unreachable`. Nothing here retries except commands, whose
 * idempotency key makes a second sending harmless.
 */

import { addressOf, type Answer, type Giving, type Place, type RouteOf, type Verb } from './routes';
import type { components } from './schema';
import { ApiError, heard, reach, refusalOf, Unreachable } from './transport';
import {
  LISTED,
  type Action,
  type Alert,
  type AlertDetail,
  type AlertPage,
  type AlertState,
  type Camera,
  type CameraDetail,
  type CameraList,
  type Door,
  type Manifest,
  type RejectReason,
  type Session,
} from './types';

const PREFIX = '/api/v1';
const PAGE_SIZE = 200;
/** Waits before a command is sent again when the centre did not answer at all. */
const RESEND_AFTER_MS = [400, 1200, 3000];

export const STREAM_URL = `${PREFIX}/stream`;
/** Where a browser goes to log in at the organisation's own provider, and comes back from. */
export const SSO_LOGIN = `${PREFIX}/oidc/login`;

export { ApiError, Unreachable };
export type { Refusal } from './transport';

type ManyCommands = components['schemas']['ManyCommandsRequest'];
export type OneOfMany = components['schemas']['OneOfManyResponse'];

interface Order {
  alert: Pick<Alert, 'id' | 'version'>;
  action: Action;
  reason?: RejectReason;
  note?: string;
  /** Who takes it over. */
  to?: string;
}

class Api {
  /** The language in which the centre should word its refusals. */
  locale = 'vi';
  #csrf = '';

  async session(sent: Pick<Sent, 'signal'> = {}): Promise<Session | null> {
    try {
      return this.#remember(await this.#call<Session>('GET', '/session', sent));
    } catch (error) {
      if (error instanceof ApiError && error.status === 401) return null;
      throw error;
    }
  }

  async login(username: string, password: string, chosen?: string): Promise<Session> {
    const body = { username, password, new_password: chosen };
    return this.#remember(await this.#call<Session>('POST', '/session', { body }));
  }

  /** Changes one's own password; one's other logins end. */
  async changePassword(password: string, chosen: string): Promise<void> {
    const body = { password, new_password: chosen };
    await this.#call<unknown>('POST', '/session/password', { body });
  }

  /** Finishes a login that asked for a second step. */
  async secondStep(proof: Record<string, unknown>): Promise<Session> {
    return this.#remember(
      await this.#call<Session>('POST', '/session/second-factor', { body: proof }),
    );
  }

  /** What stands on the button of the organisation's own login; nothing where there is none. */
  async door(): Promise<string | null> {
    return (await this.#call<Door>('GET', '/oidc')).label;
  }

  /** Another for each login. */
  get mark(): string {
    return this.#csrf;
  }

  async logout(): Promise<void> {
    await this.#call<unknown>('DELETE', '/session');
    this.#csrf = '';
  }

  /** All alerts in these states, page by page, up to `most`: the newest, or the most urgent. */
  async alerts(
    states: readonly AlertState[],
    most: number,
    sort: '-raised_at' | 'urgency' = '-raised_at',
  ): Promise<Alert[]> {
    return (await this.alertsOf({ state: states.join(','), sort }, most)).items;
  }

  /** What is listed of alerts, page by page, up to `most`; `isCut`: there are more. */
  async alertsOf(
    wanted: Readonly<Record<string, string>>,
    most: number,
  ): Promise<{ items: Alert[]; isCut: boolean }> {
    const items: Alert[] = [];
    let cursor: string | null = null;
    do {
      const query = new URLSearchParams({
        ...wanted,
        limit: String(Math.min(PAGE_SIZE, most - items.length)),
      });
      if (cursor) query.set('cursor', cursor);
      const page: AlertPage = await this.#call<AlertPage>('GET', `/alerts?${query}`);
      items.push(...page.items);
      cursor = page.next;
    } while (cursor && items.length < most);
    return { items, isCut: cursor !== null };
  }

  /** Tells the centre that this screen has drawn an alert. */
  async rendered(id: string, seq: number, at: number): Promise<void> {
    const body = { seq, rendered_at: at / 1000 };
    await this.#call<unknown>('POST', `/alerts/${encodeURIComponent(id)}/rendered`, { body });
  }

  /** The manifest of a case folder, by its evidence's address. */
  manifest(url: string): Promise<Manifest> {
    return this.#call<Manifest>('GET', url);
  }

  alert(id: string): Promise<AlertDetail> {
    return this.#call<AlertDetail>('GET', `/alerts/${encodeURIComponent(id)}`);
  }

  async cameras(): Promise<Camera[]> {
    return (await this.cameraChanges(null)).items;
  }

  /** What became of the cameras since an earlier answer; all of them where there was none. */
  cameraChanges(since: string | null): Promise<CameraList> {
    const query = new URLSearchParams({ fields: LISTED.join() });
    if (since !== null) query.set('since', since);
    return this.#call<CameraList>('GET', `/cameras?${query}`);
  }

  camera(id: string): Promise<CameraDetail> {
    return this.#call<CameraDetail>('GET', `/cameras/${encodeURIComponent(id)}`);
  }

  /** Sends one command, again with the same key if the centre was silent. */
  async command(order: Order): Promise<Alert> {
    const path = `/alerts/${encodeURIComponent(order.alert.id)}/${order.action}`;
    const headers = { 'Idempotency-Key': newKey(), 'If-Match': String(order.alert.version) };
    const { reason = null, note = null, to = null } = order;
    const body = { reason, note, to };
    return this.#again(() => this.#call<Alert>('POST', path, { body, headers }));
  }

  /** Sends commands on many alerts at once; each is answered by itself, in their order. */
  async commandMany(
    orders: readonly Pick<ManyCommands['commands'][number], 'alert' | 'version' | 'actions'>[],
    words: Pick<Order, 'reason' | 'note' | 'to'>,
  ): Promise<readonly OneOfMany[]> {
    const { reason = null, note = null, to = null } = words;
    const commands = orders.map((order) => ({ ...order, key: newKey() }));
    const body: ManyCommands = { commands, reason, note, to };
    const send = () =>
      this.#call<{ results: OneOfMany[] }>('POST', '/alerts/commands', { body: { ...body } });
    return (await this.#again(send)).results;
  }

  /** Sends the same again, with its keys, while the centre is silent. */
  async #again<T>(send: () => Promise<T>): Promise<T> {
    for (const wait of RESEND_AFTER_MS) {
      try {
        return await send();
      } catch (error) {
        if (!(error instanceof Unreachable)) throw error;
        await new Promise((resolve) => setTimeout(resolve, wait));
      }
    }
    return send();
  }

  #remember(session: Session): Session {
    this.#csrf = session.csrf;
    return session;
  }

  /**
   * Sends any request to the API and gives the bare response; refusals are thrown as everywhere.
   * `path` stands below /api/v1, or is an address that the API itself named.
   */
  async send(method: string, path: string, init: RequestInit = {}): Promise<Response> {
    const headers = new Headers(init.headers);
    headers.set('Accept-Language', this.locale);
    if (method !== 'GET' && this.#csrf) headers.set('X-CSRF-Token', this.#csrf);
    const url = path.startsWith(PREFIX) ? path : PREFIX + path;
    const response = await reach(url, { ...init, method, headers, credentials: 'same-origin' });
    if (!response.ok) throw await refusalOf(response);
    return response;
  }

  get<P extends RouteOf<'get'>>(route: P, ...[given]: Giving<'get', P>): Promise<Answer<'get', P>> {
    return this.#ask('get', route, given);
  }

  post<P extends RouteOf<'post'>>(
    route: P,
    ...[given]: Giving<'post', P>
  ): Promise<Answer<'post', P>> {
    return this.#ask('post', route, given);
  }

  put<P extends RouteOf<'put'>>(route: P, ...[given]: Giving<'put', P>): Promise<Answer<'put', P>> {
    return this.#ask('put', route, given);
  }

  patch<P extends RouteOf<'patch'>>(
    route: P,
    ...[given]: Giving<'patch', P>
  ): Promise<Answer<'patch', P>> {
    return this.#ask('patch', route, given);
  }

  delete<P extends RouteOf<'delete'>>(
    route: P,
    ...[given]: Giving<'delete', P>
  ): Promise<Answer<'delete', P>> {
    return this.#ask('delete', route, given);
  }

  /** The document of the API says what is taken and answered: no other place casts an answer. */
  #ask<T>(verb: Verb, route: string, given: object | undefined): Promise<T> {
    const { path, query, ...sent } = (given ?? {}) as Sent & Place;
    return this.#call<T>(verb.toUpperCase(), addressOf(route, { path, query }), sent);
  }

  async #call<T>(method: string, path: string, sent: Sent = {}): Promise<T> {
    const init: RequestInit = { headers: { Accept: 'application/json', ...sent.headers } };
    if (sent.signal) init.signal = sent.signal;
    if (sent.keepalive) init.keepalive = true;
    if (sent.body instanceof Blob) {
      init.headers = { 'Content-Type': 'application/octet-stream', ...init.headers };
      init.body = sent.body;
    } else if (sent.body !== undefined) {
      init.headers = { 'Content-Type': 'application/json', ...init.headers };
      init.body = JSON.stringify(sent.body);
    }
    const response = await this.send(method, path, init);
    return (response.status === 204 ? undefined : await heard(response)) as T;
  }
}

interface Sent {
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** Ends the waiting: no answer then. */
  readonly signal?: AbortSignal;
  readonly keepalive?: boolean;
}

/** The key by which a command sent twice is done once: a UUIDv4; `crypto.randomUUID` is missing where the site has no TLS. */
export function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

export const api = new Api();
