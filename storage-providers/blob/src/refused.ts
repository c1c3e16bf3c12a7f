// SPDX-License-Identifier: Apache-2.0

/** What a service said instead of doing what it was asked; each says more in its own way. */
export interface ServiceRefusal {
  /** HTTP status. */
  readonly status: number;
  /** The service's own word; made from the status where an answer has none. */
  readonly code: string;
  readonly message: string;
  /** Its clock, milliseconds since the epoch. */
  readonly serverTime?: number | undefined;
  /** The pause that it asks for, milliseconds. */
  readonly retryAfterMs?: number | undefined;
}

/** Inside of this package only: callers of a store get a GritError. */
export class ServiceRefused extends Error {
  override readonly name = 'Refused';
  /** It is the answer to a request that may have been done before. */
  readonly repeated: boolean;

  constructor(
    readonly refusal: ServiceRefusal,
    options: { readonly cause?: unknown; readonly repeated?: boolean } = {},
  ) {
    super(`${refusal.code}: ${refusal.message}`, options.cause === undefined ? undefined : { cause: options.cause });
    this.repeated = options.repeated ?? false;
  }
}

/** True for an answer with one of these codes. */
export function isRefused(error: unknown, ...codes: readonly string[]): error is ServiceRefused {
  return error instanceof ServiceRefused && codes.includes(error.refusal.code);
}

/** What the call gives; undefined: it was refused with one of these codes. */
export async function unlessRefused<T>(codes: readonly string[], call: () => Promise<T>): Promise<T | undefined> {
  try {
    return await call();
  } catch (error) {
    if (isRefused(error, ...codes)) return undefined;
    throw error;
  }
}

const LONGEST_MESSAGE = 300;

/** A text of an answer, short enough for a message. */
export function clipped(text: string): string {
  return text.slice(0, LONGEST_MESSAGE);
}

/** The clock of the service, and the pause that it asks for, as headers have them. */
export function timesOf(raw: {
  readonly serverTime: string | undefined;
  readonly retryAfter: string | undefined;
}): Pick<ServiceRefusal, 'serverTime' | 'retryAfterMs'> {
  const serverTime = Date.parse(raw.serverTime ?? '');
  const retryAfter = Number(raw.retryAfter);
  return {
    serverTime: Number.isNaN(serverTime) ? undefined : serverTime,
    retryAfterMs: retryAfter > 0 ? retryAfter * 1000 : undefined,
  };
}
