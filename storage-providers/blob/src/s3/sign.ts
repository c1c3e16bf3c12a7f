// SPDX-License-Identifier: Apache-2.0
import { createHash, createHmac } from 'node:crypto';
import { percentEncode } from '../wire/percent-encode.js';

/** Said in place of the hash of a body that is guarded by a checksum, and by TLS, instead. */
export const UNSIGNED = 'UNSIGNED-PAYLOAD';
const ALGORITHM = 'AWS4-HMAC-SHA256';
const END = 'aws4_request';

export interface SigningCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string | undefined;
}

export interface RequestToSign {
  readonly method: string;
  /** As on the request line: encoded, without query. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>> | undefined;
  /** All are signed, `host` among them; names in lower case, values without spaces around them. */
  readonly headers: Readonly<Record<string, string>>;
  /** SHA-256 of the body in hex. Default: it is not signed. */
  readonly payload?: string | undefined;
}

/** The headers of the request with those that sign it (Signature Version 4). */
export function sign(
  request: RequestToSign,
  scope: { readonly credentials: SigningCredentials; readonly region: string; readonly date: Date },
): Record<string, string> {
  const { credentials, region, date } = scope;
  const time = date.toISOString().replace(/[-:]|\.\d+/g, '');
  const day = time.slice(0, 8);
  const payload = request.payload ?? UNSIGNED;
  const headers: Record<string, string> = {
    ...request.headers,
    'x-amz-date': time,
    'x-amz-content-sha256': payload,
    ...(credentials.sessionToken !== undefined && { 'x-amz-security-token': credentials.sessionToken }),
  };
  const names = Object.keys(headers).sort();
  const canonical = [
    request.method,
    request.path,
    queryString(request.query ?? {}),
    ...names.map((name) => `${name}:${headers[name] ?? ''}`),
    '',
    names.join(';'),
    payload,
  ].join('\n');
  const place = `${day}/${region}/s3/${END}`;
  const text = [ALGORITHM, time, place, createHash('sha256').update(canonical).digest('hex')].join('\n');
  const signature = createHmac('sha256', signingKey(credentials.secretAccessKey, day, region)).update(text);
  headers['authorization'] =
    `${ALGORITHM} Credential=${credentials.accessKeyId}/${place},SignedHeaders=${names.join(';')},Signature=${signature.digest('hex')}`;
  return headers;
}

/** A key as path of a request line: every byte that is not plain is encoded, slashes stay. */
export function encodePath(path: string): string {
  return path.split('/').map(percentEncode).join('/');
}

/** In the order that the signature wants. */
export function queryString(query: Readonly<Record<string, string>>): string {
  const encoded = Object.entries(query).map(([name, value]) => [percentEncode(name), percentEncode(value)] as const);
  // By name alone: as whole pairs, `a-=` would come before `a=`.
  return encoded
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map((pair) => pair.join('='))
    .join('&');
}

function signingKey(secret: string, day: string, region: string): Buffer {
  return [day, region, 's3', END].reduce<Buffer>(
    (key, part) => createHmac('sha256', key).update(part).digest(),
    Buffer.from(`AWS4${secret}`),
  );
}
