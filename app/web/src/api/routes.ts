/** What each route of the API takes and answers, from its document: for `api.get`, `api.post` and the like. */

import type { paths } from './schema';

type Routes = { [P in keyof paths as P extends `/api/v1${infer Rest}` ? Rest : never]: paths[P] };
export type Verb = 'get' | 'post' | 'put' | 'patch' | 'delete';

/** The routes that have this verb. */
export type RouteOf<V extends Verb> = {
  [P in keyof Routes]: Routes[P] extends Record<V, object> ? P : never;
}[keyof Routes];

type Operation<V extends Verb, P> = P extends keyof Routes
  ? V extends keyof Routes[P]
    ? Routes[P][V]
    : never
  : never;

type JsonOf<R> = R extends { content: { 'application/json': infer Body } } ? Body : undefined;

/** What a route answers where it does what was asked. */
export type Answer<V extends Verb, P> =
  Operation<V, P> extends { responses: infer R }
    ? JsonOf<R[keyof R & (200 | 201 | 202 | 204)]>
    : never;

type InPath<O> = O extends { parameters: { path: infer T extends object } } ? { path: T } : object;
/** An address holds text: what stands in another address may be passed on as it is. */
type Asked<T> = { [K in keyof T]: T[K] | string };
type InQuery<O> = O extends { parameters: { query: infer T extends object } }
  ? { query: Asked<T> }
  : O extends { parameters: { query?: infer T } }
    ? { query?: Asked<T> }
    : object;
/** What is sent is not changed on the way: a list that must not be changed is as good. */
type Sent<T> = T extends readonly (infer U)[]
  ? readonly Sent<U>[]
  : T extends object
    ? { [K in keyof T]: Sent<T[K]> }
    : T;
/** A route without a described body may take the bytes of a file. */
type InBody<O> = O extends { requestBody: { content: { 'application/json': infer B } } }
  ? { body: Sent<B> }
  : O extends { requestBody?: { content: { 'application/json': infer B } } }
    ? { body?: Sent<B> }
    : { body?: Blob };

type Given<V extends Verb, P> = InPath<Operation<V, P>> &
  InQuery<Operation<V, P>> &
  InBody<Operation<V, P>> & {
    headers?: Readonly<Record<string, string>>;
    signal?: AbortSignal;
    /** Sent though the page goes. */
    keepalive?: boolean;
  };

/** Nothing need be given where nothing is required. */
export type Giving<V extends Verb, P> =
  object extends Given<V, P> ? [given?: Given<V, P>] : [given: Given<V, P>];

/** What a route is asked after the question mark. */
export type QueryOf<V extends Verb, P> =
  InQuery<Operation<V, P>> extends { query?: infer Q } ? NonNullable<Q> : never;

/** What stands in an address. */
export interface Place {
  readonly path?: Readonly<Record<string, unknown>> | undefined;
  readonly query?: Readonly<Record<string, unknown>> | undefined;
}

/** The address of a route with what stands in it; what is null or undefined is not asked. */
export function addressOf(route: string, { path = {}, query = {} }: Place): string {
  const place = route.replaceAll(/\{(\w+)\}/g, (_, name: string) =>
    encodeURIComponent(String(path[name])),
  );
  const asked = Object.entries(query).flatMap(([key, value]) =>
    value === null || value === undefined
      ? []
      : [value].flat().map((one): [string, string] => [key, String(one)]),
  );
  return asked.length === 0 ? place : `${place}?${new URLSearchParams(asked)}`;
}
