// SPDX-License-Identifier: Apache-2.0
import { ServiceRefused, clipped, timesOf, type ServiceRefusal } from '../refused.js';
import { xmlElement } from '../xml-element.js';

/** What Azure Blob said. Codes: `BlobNotFound`. */
export interface Refusal extends ServiceRefusal {
  /** Why it does not believe who we are. */
  readonly detail?: string | undefined;
  /** False: it has nothing of an answer of Azure Blob. */
  readonly fromAzure: boolean;
}

/** Azure Blob has refused a request. */
export class Refused extends ServiceRefused {
  declare readonly refusal: Refusal;

  constructor(
    refusal: Refusal,
    repeated = false,
    /** Of what it was proven with. */
    readonly generation = 0,
  ) {
    super(refusal, { repeated });
  }
}

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
  const xmlDetail = element('AuthenticationErrorDetail');
  return {
    status,
    code: named ?? BY_STATUS[status] ?? `HTTP ${status}`,
    // The lines that follow are for their support: a number of the request, and a time.
    message: clipped(element('Message')?.split('\n')[0] ?? ''),
    detail: xmlDetail === undefined ? undefined : clipped(xmlDetail),
    ...timesOf({ serverTime: header('date'), retryAfter: header('retry-after') }),
    fromAzure: named !== undefined || header('x-ms-request-id') !== undefined,
  };
}
