/** The mock's HTTP: sessions, lists, commands, the stream, and the handles that make trouble. */

import type { IncomingMessage, ServerResponse } from 'node:http';

import type { Action, Alert, Change, RejectReason, Role, User } from '../src/api/types.ts';
import type { Media } from './mock-media.ts';
import { iso } from './mock-cameras.ts';
import type { World } from './mock-world.ts';

const PEOPLE: Record<string, User> = Object.fromEntries(
  (
    [
      ['lan', 'Đại úy Nguyễn Thị Lan', 'operator'],
      ['ban1', 'Bàn 1 (Trần Văn Minh)', 'operator'],
      ['chihuy', 'Thượng tá Phạm Quốc Việt', 'leader'],
      ['xem', 'Lê Thu Hà', 'viewer'],
      ['dai', 'Thiếu tá Công Tằng Tôn Nữ Hoàng Phương Thảo Nguyên Bình', 'operator'],
    ] as [string, string, Role][]
  ).map(([username, name, role]) => [
    username,
    { username, name, role, roles: [role], locale: 'vi' },
  ]),
);
const PASSWORD = 'matkhau';
const TRIES = 5;
const HEARTBEAT_MS = 10_000;

export class MockApi {
  #downUntil = 0;
  #failed = 0;
  #hang = false;
  readonly #streams = new Set<ServerResponse>();

  constructor(
    private readonly world: World,
    private readonly media: Media,
  ) {}

  /** Names are their own ids here. */
  #site(): object {
    const named = (ids: (string | null)[]) =>
      [...new Set(ids)].flatMap((id) => (id ? { id, name: id, parent: null, phone: null } : []));
    const { cameras } = this.world;
    return {
      name: 'Trung tâm chạy thử',
      locale: 'vi',
      agencies: named(cameras.map((camera) => camera.agency)),
      areas: named(cameras.map((camera) => camera.area)),
      map: null,
    };
  }

  async answer(request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> {
    if (url.pathname.startsWith('/mock/')) return this.#trouble(response, url);
    if (Date.now() < this.#downUntil) return void request.socket.destroy();
    const path = url.pathname.slice('/api/v1'.length);
    const method = request.method ?? 'GET';
    const body = method === 'POST' ? await json(request) : {};
    if (path === '/session') return this.#session(request, response, method, body);
    const user = this.#user(request);
    if (!user) return send(response, 401, { error: 'not_logged_in', detail: 'Hãy đăng nhập lại.' });
    if (path === '/stream') return this.#stream(request, response);
    if (path === '/cameras') return send(response, 200, { items: this.world.cameras });
    if (path === '/site') return send(response, 200, this.#site());
    if (path.endsWith('/shapes')) return send(response, 200, { masks: [], zones: [], lines: [] });
    if (path === '/alerts') return this.#list(response, url.searchParams.get('state'));
    const evidence = /^\/evidence\/(picture|film)-(\d+)$/.exec(path);
    if (evidence)
      return this.#evidence(request, response, evidence[1] === 'film', Number(evidence[2]));
    const [, sealed] = /^\/evidence\/manifest-(.+)$/.exec(path) ?? [];
    if (sealed) {
      return send(response, 200, {
        event: this.world.alerts.get(sealed),
        film: { before_s: 5 },
      });
    }
    const [, id = '', action] = /^\/alerts\/([^/]+)(?:\/(\w+))?$/.exec(path) ?? [];
    const alert = this.world.alerts.get(id);
    if (alert && !action) return send(response, 200, this.world.detail(alert));
    if (action === 'rendered') return send(response, 204, undefined);
    // Long enough that the screen's waiting can be seen.
    await new Promise((resolve) => setTimeout(resolve, 250));
    const result = this.world.command(
      id,
      action as Action,
      user,
      body as { reason?: RejectReason },
    );
    if ('status' in result) return send(response, result.status, result.body);
    return send(response, 200, result);
  }

  #user(request: IncomingMessage): User | null {
    const [, name = ''] = /thapcanh_session=(\w+)/.exec(request.headers.cookie ?? '') ?? [];
    return PEOPLE[name] ?? null;
  }

  #session(
    request: IncomingMessage,
    response: ServerResponse,
    method: string,
    body: Record<string, unknown>,
  ): void {
    const answer = (user: User) =>
      send(response, 200, {
        user,
        csrf: 'mock',
        expires_at: iso(Date.now() + 8.64e7),
        site_name: 'Trung tâm Thông tin chỉ huy',
      });
    if (method === 'GET') {
      const user = this.#user(request);
      return user ? answer(user) : send(response, 401, { error: 'not_logged_in', detail: '' });
    }
    if (method === 'DELETE') {
      response.setHeader('Set-Cookie', 'thapcanh_session=; Path=/; Max-Age=0');
      return send(response, 204, undefined);
    }
    const user = PEOPLE[String(body['username'])];
    if (this.#failed >= TRIES) {
      response.setHeader('Retry-After', '900');
      return send(response, 429, {
        error: 'locked_out',
        detail: 'Đăng nhập sai quá nhiều lần. Hãy thử lại sau 15 phút.',
      });
    }
    if (!user || body['password'] !== PASSWORD) {
      this.#failed += 1;
      return send(response, 401, {
        error: 'wrong_login',
        detail: 'Tên đăng nhập hoặc mật khẩu không đúng.',
      });
    }
    this.#failed = 0;
    response.setHeader(
      'Set-Cookie',
      `thapcanh_session=${user.username}; Path=/; HttpOnly; SameSite=Strict`,
    );
    return answer(user);
  }

  #list(response: ServerResponse, state: string | null): void {
    const found = [...this.world.alerts.values()].filter(
      (alert) => !state || state.split(',').includes(alert.state),
    );
    found.sort((a, b) => Date.parse(b.raised_at) - Date.parse(a.raised_at));
    send(response, 200, { items: found, next: null });
  }

  #evidence(
    request: IncomingMessage,
    response: ServerResponse,
    film: boolean,
    index: number,
  ): void {
    const { bytes, type } = film ? this.media.film(index) : this.media.picture(index);
    response.setHeader('Content-Type', type);
    response.setHeader('Accept-Ranges', 'bytes');
    const [, from, to] = /bytes=(\d+)-(\d*)/.exec(request.headers.range ?? '') ?? [];
    if (from === undefined) return void response.end(bytes);
    const last = to ? Number(to) : bytes.length - 1;
    response.writeHead(206, { 'Content-Range': `bytes ${from}-${last}/${bytes.length}` });
    response.end(bytes.subarray(Number(from), last + 1));
  }

  #stream(request: IncomingMessage, response: ServerResponse): void {
    response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' });
    const change = (each: Change) => {
      if (!this.#hang)
        response.write(`id: ${each.seq}\nevent: change\ndata: ${JSON.stringify(each)}\n\n`);
    };
    const beat = () => {
      if (!this.#hang)
        response.write(`event: heartbeat\ndata: ${JSON.stringify(this.#heartbeat())}\n\n`);
    };
    const after = request.headers['last-event-id'];
    if (after !== undefined)
      this.world.changes.filter((each) => each.seq > Number(after)).forEach(change);
    beat();
    const timer = setInterval(beat, HEARTBEAT_MS);
    this.world.on('change', change);
    this.#streams.add(response);
    request.on('close', () => {
      clearInterval(timer);
      this.world.off('change', change);
      this.#streams.delete(response);
    });
  }

  #heartbeat() {
    const { cameras, provenAt } = this.world;
    const online = cameras.filter((camera) => camera.state === 'online').length;
    return {
      now: iso(Date.now()),
      cameras_total: cameras.length,
      cameras_online: online,
      cameras_version: String(online),
      last_proven: iso(provenAt),
    };
  }

  #trouble(response: ServerResponse, url: URL): void {
    const ask = (name: string) => url.searchParams.get(name);
    const what = url.pathname.slice('/mock/'.length);
    if (what === 'raise') this.#raise(url);
    else if (what === 'down') this.#down(Number(ask('s') ?? 30));
    else if (what === 'clear') this.world.clearAll();
    else if (what === 'theirs')
      this.world.command(ask('id') ?? '', 'acknowledge', PEOPLE['ban1'] as User, {});
    else if (what === 'stream') this.#disturb(ask('do'));
    else if (what === 'camera') {
      const camera = this.world.cameras.find((each) => each.id === ask('id'));
      const since = iso(Date.now() - 242_000);
      if (camera)
        Object.assign(camera, {
          state: ask('state'),
          picture: ask('picture') ?? 'ok',
          since,
          reason: 'unanswered',
          detail: 'rtsp://10.20.4.17:554/ch1: no answer within 8 s; check power and network',
        });
    }
    send(
      response,
      200,
      [...this.world.alerts.values()].map((alert) => alert.id),
    );
  }

  #raise(url: URL): void {
    const ask = (name: string) => url.searchParams.get(name);
    const part: Partial<Alert> = {};
    if (ask('kind'))
      Object.assign(part, { kind: ask('kind') ?? 'fire', priority: Number(ask('priority') ?? 1) });
    if (ask('unchecked')) part.unchecked = true;
    const count = Number(ask('n') ?? 1);
    for (let i = 0; i < count; i += 1) {
      const age = Number(ask('age') ?? 0) * 1000;
      this.world.raise(
        Date.now() - age - i * Number(ask('apart') ?? 0) * 1000,
        ask('index') === null ? undefined : Number(ask('index')) + i,
        part,
      );
    }
  }

  #down(seconds: number): void {
    this.#downUntil = Date.now() + seconds * 1000;
    for (const stream of this.#streams) stream.destroy();
  }

  #disturb(what: string | null): void {
    if (what === 'hang') this.#hang = true;
    if (what === 'free') this.#hang = false;
    for (const stream of this.#streams) {
      if (what === 'cut') stream.destroy();
      if (what === 'gap') stream.write('event: gap\ndata: {}\n\n');
    }
  }
}

async function json(request: IncomingMessage): Promise<Record<string, unknown>> {
  let text = '';
  for await (const piece of request) text += String(piece);
  return text ? (JSON.parse(text) as Record<string, unknown>) : {};
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.statusCode = status;
  if (body !== undefined) response.setHeader('Content-Type', 'application/json');
  response.end(body === undefined ? undefined : JSON.stringify(body));
}
