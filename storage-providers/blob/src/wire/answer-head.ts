// SPDX-License-Identifier: Apache-2.0
import { WireError } from './wire-error.js';

/** Status line and headers of an answer. */
export interface AnswerHead {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: ReadonlyMap<string, string>;
  /** The minor version of HTTP/1: 0 closes the connection unless it says otherwise. */
  readonly minor: 0 | 1;
}

/** Bytes of status line and headers, with their ends. */
export const HEAD_LIMIT = 64 * 1024;

const STATUS = /^HTTP\/1\.([01]) ([1-5]\d\d)(?: [\t\x20-\x7e\x80-\xff]*)?$/;
// No space before the colon, none at the start of a line (which would go on with the line before), no control characters.

const HEADER = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+):[\t ]*([\t\x20-\x7e\x80-\xff]*)$/;
/** Once is enough, even if both say the same: who smuggles has two. */
const SINGLE = new Set(['content-length', 'transfer-encoding', 'content-range', 'etag']);

/** Reads a head, given without its empty line. Throws a WireError `protocol`. */
export function parseAnswerHead(text: string): AnswerHead {
  const [first = '', ...lines] = text.split('\r\n');
  const status = STATUS.exec(first);
  if (!status) throw new WireError('protocol', 'the answer does not begin like HTTP/1.1');
  const headers = new Map<string, string>();
  for (const line of lines) {
    const header = HEADER.exec(line);
    if (!header) throw new WireError('protocol', 'the answer has a header that is none');
    const name = (header[1] ?? '').toLowerCase();
    const value = (header[2] ?? '').trimEnd();
    const before = headers.get(name);
    if (before !== undefined && SINGLE.has(name)) throw new WireError('protocol', `the answer has two headers ${name}`);
    headers.set(name, before === undefined ? value : `${before}, ${value}`);
  }
  return { status: Number(status[2]), headers, minor: status[1] === '0' ? 0 : 1 };
}
