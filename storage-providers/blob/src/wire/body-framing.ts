// SPDX-License-Identifier: Apache-2.0
import type { AnswerHead } from './answer-head.js';
import { WireError } from './wire-error.js';

/** How the end of a body is found. `until-close`: nothing says whether it is all. */
export type BodyFraming =
  | { readonly kind: 'length'; readonly length: number }
  | { readonly kind: 'chunked' }
  | { readonly kind: 'until-close' };

/** The framing of an answer to a request of this method. Throws a WireError `protocol` for what can be read in two ways. */
export function framingOf(method: string, { status, headers, minor }: AnswerHead): BodyFraming {
  const coding = headers.get('transfer-encoding');
  const length = headers.get('content-length');
  if (coding !== undefined && length !== undefined)
    throw new WireError('protocol', 'the answer has Transfer-Encoding and Content-Length');
  if (length !== undefined && !/^\d{1,15}$/.test(length))
    throw new WireError('protocol', 'the answer has a Content-Length that is none');
  if (method === 'HEAD' || status === 204 || status === 304) return { kind: 'length', length: 0 };
  if (coding !== undefined) {
    if (coding.toLowerCase() !== 'chunked' || minor === 0)
      throw new WireError('protocol', `the answer has the Transfer-Encoding ${JSON.stringify(coding)}`);
    return { kind: 'chunked' };
  }
  return length === undefined ? { kind: 'until-close' } : { kind: 'length', length: Number(length) };
}

/** Whether the connection can be used again after this answer. */
export function staysOpen({ headers, minor }: AnswerHead, framing: BodyFraming): boolean {
  if (framing.kind === 'until-close') return false;
  const words = (headers.get('connection') ?? '').toLowerCase().split(/[\t ]*,[\t ]*/);
  return !words.includes('close') && (minor === 1 || words.includes('keep-alive'));
}

/** How long the server says it keeps an unused connection, milliseconds. */
export function keptForMs({ headers }: AnswerHead): number | undefined {
  const seconds = /(?:^|[,\s])timeout=(\d{1,6})(?:$|[,\s])/i.exec(headers.get('keep-alive') ?? '')?.[1];
  return seconds === undefined ? undefined : Number(seconds) * 1_000;
}
