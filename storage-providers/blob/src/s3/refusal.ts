// SPDX-License-Identifier: Apache-2.0
import { xmlElement } from '../xml-element.js';

/** What the service said instead of doing what it was asked. */
export interface Refusal {
  /** HTTP status. */
  readonly status: number;
  /** `NoSuchKey`; made from the status where an answer has no body. */
  readonly code: string;
  readonly message: string;
  /** The region that it names as the right one. */
  readonly region?: string | undefined;
  /** Its clock, milliseconds since the epoch. */
  readonly serverTime?: number | undefined;
  /** The pause that it asks for, milliseconds. */
  readonly retryAfterMs?: number | undefined;
}

/** Inside of this folder only: callers of the store get a GritError. */
export class Refused extends Error {
  override readonly name = 'Refused';

  /** It is the answer to a request that may have been done before. */
  readonly repeated: boolean;

  constructor(
    readonly refusal: Refusal,
    options: { readonly cause?: unknown; readonly repeated?: boolean } = {},
  ) {
    super(`${refusal.code}: ${refusal.message}`, options.cause === undefined ? undefined : { cause: options.cause });
    this.repeated = options.repeated ?? false;
  }
}

/** True for an answer of one of these codes. */
export function isRefused(error: unknown, ...codes: readonly string[]): error is Refused {
  return error instanceof Refused && codes.includes(error.refusal.code);
}

const LONGEST_MESSAGE = 300;
/** Answers to HEAD have no body, and proxies have bodies of their own. */
const BY_STATUS: Readonly<Partial<Record<number, string>>> = {
  301: 'PermanentRedirect',
  307: 'TemporaryRedirect',
  403: 'AccessDenied',
  404: 'NotFound',
  408: 'RequestTimeout',
  409: 'Conflict',
  412: 'PreconditionFailed',
  416: 'InvalidRange',
  429: 'SlowDown',
  500: 'InternalError',
  501: 'NotImplemented',
  503: 'ServiceUnavailable',
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
  return refusalOf({
    status,
    code: element('Code'),
    message: element('Message'),
    region: element('Region') ?? header('x-amz-bucket-region'),
    serverTime: element('ServerTime') ?? header('date'),
    retryAfter: header('retry-after'),
  });
}

/** The same of what the SDK throws; undefined: that was no answer. */
export function refusalOfSdk(error: unknown): Refusal | undefined {
  const { name, message, $metadata, $response, ...fields } = error as {
    readonly name?: string;
    readonly message?: string;
    readonly $metadata?: { readonly httpStatusCode?: number };
    readonly $response?: { readonly headers?: Readonly<Record<string, string>>; readonly statusCode?: number };
    readonly Code?: string;
    readonly Region?: string;
    readonly ServerTime?: string;
  };
  const status = $metadata?.httpStatusCode ?? $response?.statusCode;
  if (status === undefined) return undefined;
  const headers = $response?.headers ?? {};
  const named = fields.Code ?? name;
  return refusalOf({
    status,
    code: named === undefined || /^(Unknown(Error)?|\d+|.* .*)$/.test(named) ? undefined : named,
    message,
    region: fields.Region ?? headers['x-amz-bucket-region'],
    serverTime: fields.ServerTime ?? headers['date'],
    retryAfter: headers['retry-after'],
  });
}

function refusalOf(raw: {
  readonly status: number;
  readonly code: string | undefined;
  readonly message: string | undefined;
  readonly region: string | undefined;
  readonly serverTime: string | undefined;
  readonly retryAfter: string | undefined;
}): Refusal {
  const { status, region } = raw;
  const serverTime = raw.serverTime === undefined ? Number.NaN : Date.parse(raw.serverTime);
  const retryAfter = Number(raw.retryAfter);
  return {
    status,
    code: raw.code ?? BY_STATUS[status] ?? `HTTP ${status}`,
    message: (raw.message ?? '').slice(0, LONGEST_MESSAGE),
    region,
    serverTime: Number.isNaN(serverTime) ? undefined : serverTime,
    retryAfterMs: retryAfter > 0 ? retryAfter * 1000 : undefined,
  };
}
