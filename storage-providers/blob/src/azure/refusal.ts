// SPDX-License-Identifier: Apache-2.0
import { xmlElement } from '../xml-element.js';

/** What the service said instead of doing what it was asked. */
export interface Refusal {
  /** HTTP status. */
  readonly status: number;
  /** `BlobNotFound`; made from the status where an answer has no code. */
  readonly code: string;
  readonly message: string;
  /** Why it does not believe who we are. */
  readonly detail?: string | undefined;
  /** Its clock, milliseconds since the epoch. */
  readonly serverTime?: number | undefined;
  /** The pause that it asks for, milliseconds. */
  readonly retryAfterMs?: number | undefined;
  /** False: it has nothing of an answer of Azure Blob. */
  readonly fromAzure: boolean;
}

/** Inside of this folder only: callers of the store get a GritError. */
export class Refused extends Error {
  override readonly name = 'Refused';

  constructor(
    readonly refusal: Refusal,
    /** It is the answer to a request that may have been done before. */
    readonly repeated = false,
    /** Of what it was proven with. */
    readonly generation = 0,
  ) {
    super(`${refusal.code}: ${refusal.message}`);
  }
}

/** True for an answer with one of these codes. */
export function isRefused(error: unknown, ...codes: readonly string[]): error is Refused {
  return error instanceof Refused && codes.includes(error.refusal.code);
}

const LONGEST_MESSAGE = 300;
/** Answers to HEAD, and of proxies, have no code. */
const BY_STATUS: Readonly<Partial<Record<number, string>>> = {
  401: 'NoAuthenticationInformation',
  404: 'NotFound',
  408: 'OperationTimedOut',
  409: 'Conflict',
  412: 'ConditionNotMet',
  416: 'InvalidRange',
  429: 'ServerBusy',
  500: 'InternalError',
  503: 'ServerBusy',
  507: 'InsufficientStorage',
};

/** Reads an answer that is no success. `header` looks one up by its name in lower case. */
export function readRefusal(
  status: number,
  header: (name: string) => string | undefined,
  body: Uint8Array = new Uint8Array(),
): Refusal {
  const xml = Buffer.from(body).toString('utf8');
  const element = (name: string): string | undefined => xmlElement(xml, name);
  const named = header('x-ms-error-code') ?? element('Code');
  const serverTime = Date.parse(header('date') ?? '');
  const retryAfter = Number(header('retry-after'));
  return {
    status,
    code: named ?? BY_STATUS[status] ?? `HTTP ${status}`,
    // The lines that follow are for their support: a number of the request, and a time.
    message: (element('Message')?.split('\n')[0] ?? '').slice(0, LONGEST_MESSAGE),
    detail: element('AuthenticationErrorDetail')?.slice(0, LONGEST_MESSAGE),
    serverTime: Number.isNaN(serverTime) ? undefined : serverTime,
    retryAfterMs: retryAfter > 0 ? retryAfter * 1000 : undefined,
    fromAzure: named !== undefined || header('x-ms-request-id') !== undefined,
  };
}
