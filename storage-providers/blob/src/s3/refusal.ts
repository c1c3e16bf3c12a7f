// SPDX-License-Identifier: Apache-2.0
import { ServiceRefused, clipped, timesOf, type ServiceRefusal } from '../refused.js';
import { xmlElement } from '../xml-element.js';

/** What S3 said. Codes: `NoSuchKey`. */
export interface Refusal extends ServiceRefusal {
  /** The region that it names as the right one. */
  readonly region?: string | undefined;
}

/** S3 has refused a request. */
export class Refused extends ServiceRefused {
  declare readonly refusal: Refusal;
}

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
  const code = raw.code ?? BY_STATUS[status] ?? `HTTP ${status}`;
  return { status, code, message: clipped(raw.message ?? ''), region, ...timesOf(raw) };
}
