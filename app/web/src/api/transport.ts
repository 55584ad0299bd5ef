/** How a request goes to the centre and its answer comes back: silence and refusals as errors. */

import type { components } from './schema';
import type { Conflict, Problem } from './types';

/** Every refusal says why; a conflict also says who was first, when, and how the alert is now. */
export type Refusal = Problem &
  Partial<Conflict> & {
    /** Of a camera's certificate that is not believed. */
    readonly fingerprint?: string | null;
    /** Of an entry of the registry: each finding, and the key that it is of. */
    readonly problems?: readonly { readonly path: string; readonly message: string }[];
    /** Of an incident: what keeps it from being closed. */
    readonly open_points?: readonly components['schemas']['OpenPoint'][];
  };

export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly refusal: Refusal,
  ) {
    super(refusal.detail || refusal.error);
  }
}

/** The centre did not answer. */
export class Unreachable extends Error {}

export async function reach(url: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, init);
  } catch (error) {
    throw new Unreachable(error instanceof Error ? error.message : String(error));
  }
}

/** The body of an answer; one that breaks off is no answer, and the command is sent again. */
export async function heard(response: Response): Promise<unknown> {
  const text = await response.text().catch((error: unknown) => {
    throw new Unreachable(String(error));
  });
  return JSON.parse(text);
}

export async function refusalOf(response: Response): Promise<ApiError> {
  let refusal: Refusal = { error: `http_${response.status}`, detail: '' };
  try {
    refusal = { ...refusal, ...((await response.json()) as Partial<Refusal>) };
  } catch (error) {
    // A proxy's own page is not JSON: the status alone must do.
    if (!(error instanceof SyntaxError)) throw error;
  }
  return new ApiError(response.status, refusal);
}
