// SPDX-License-Identifier: Apache-2.0
import type { WireRequest } from './wire-request.js';
import type { WireTarget } from './wire-target.js';

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const PATH = /^[/*][\x21-\x7e]*$/;
/** Latin-1 without control characters. */

const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;
const OURS = new Set(['connection', 'expect', 'keep-alive', 'te', 'trailer', 'transfer-encoding', 'upgrade']);

/** Bytes of the body; 0 without one. Throws a TypeError where nobody says how many. */
export function bodySizeOf({ body, bodySize }: WireRequest): number {
  if (body === undefined) return 0;
  if (body instanceof Uint8Array) return body.length;
  if (bodySize === undefined || !Number.isSafeInteger(bodySize) || bodySize < 0)
    throw new TypeError('a body of a call needs its size');
  return bodySize;
}

/** The first bytes of a request. Throws a TypeError for what cannot be sent: nothing of the caller's gets past a line's end. */
export function requestHead(request: WireRequest, target: WireTarget): Buffer<ArrayBuffer> {
  const { method, path, headers, body } = request;
  if (!TOKEN.test(method)) throw new TypeError('bad method of a request');
  if (!PATH.test(path)) throw new TypeError('bad path of a request');
  const lines = [`${method} ${path} HTTP/1.1`];
  const seen = new Set<string>();
  for (const [name, value] of Object.entries(headers)) {
    const lower = name.toLowerCase();
    if (!TOKEN.test(name) || !VALUE.test(value)) throw new TypeError(`bad header ${JSON.stringify(name)}`);
    if (OURS.has(lower) || seen.has(lower)) throw new TypeError(`header ${lower} is not for the caller`);
    seen.add(lower);
    if (lower === 'content-length' && value !== String(bodySizeOf(request)))
      throw new TypeError('content-length is not the size of the body');
    lines.push(`${name}: ${value}`);
  }
  if (!seen.has('host')) lines.splice(1, 0, `Host: ${hostOf(target)}`);
  const hasBody = body !== undefined || method === 'PUT' || method === 'POST';
  if (hasBody && !seen.has('content-length')) lines.push(`Content-Length: ${bodySizeOf(request)}`);
  if (asksFirst(request)) lines.push('Expect: 100-continue');
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1');
}

/** Whether the body waits for `100 Continue`. */
export function asksFirst(request: WireRequest): boolean {
  return request.expectContinue === true && bodySizeOf(request) > 0;
}

/** The value of the header `Host`: without the port where it is the usual one, as signatures expect it. */
export function hostOf({ host, port, secure }: WireTarget): string {
  const name = host.includes(':') ? `[${host}]` : host;
  return port === (secure ? 443 : 80) ? name : `${name}:${port}`;
}
