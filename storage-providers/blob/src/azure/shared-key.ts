// SPDX-License-Identifier: Apache-2.0
import { createHmac } from 'node:crypto';
import type { StorageSharedKeyCredential } from '@azure/storage-blob';
import type { Authorizer, Proof, RequestToAuthorize } from './authorizer.js';
import type { Sdk } from './load-sdk.js';

/** Headers that are signed by their place; `date` is empty, since x-ms-date takes its place. */
const SIGNED = [
  'content-encoding',
  'content-language',
  'content-length',
  'content-md5',
  'content-type',
  'date',
  'if-modified-since',
  'if-match',
  'if-none-match',
  'if-unmodified-since',
  'range',
];

/** Signs each request with the key of the account (SharedKey). */
export class SharedKey implements Authorizer {
  readonly #key: Buffer;

  constructor(
    private readonly sdk: Sdk,
    private readonly account: string,
    private readonly key: string,
    private readonly now: () => number = Date.now,
  ) {
    this.#key = Buffer.from(key, 'base64');
  }

  async authorize(request: RequestToAuthorize): Promise<Proof> {
    const { headers } = request;
    headers['x-ms-date'] = new Date(this.now()).toUTCString();
    const signature = createHmac('sha256', this.#key).update(textToSign(this.account, request)).digest('base64');
    headers['authorization'] = `SharedKey ${this.account}:${signature}`;
    return { query: '', generation: 0 };
  }

  async renew(): Promise<boolean> {
    return false;
  }

  explain(): undefined {
    return undefined;
  }

  async forBatch(): Promise<{ readonly credential: StorageSharedKeyCredential; readonly query: string }> {
    return { credential: new this.sdk.StorageSharedKeyCredential(this.account, this.key), query: '' };
  }
}

/** What the signature of a request is made of. */
function textToSign(account: string, { method, path, query, headers, bodySize }: RequestToAuthorize): string {
  const known: Readonly<Record<string, string>> = {
    ...headers,
    'content-length': bodySize > 0 ? String(bodySize) : '',
  };
  const named = Object.keys(headers)
    .filter((name) => name.startsWith('x-ms-'))
    .sort((a, b) => (plain(a) < plain(b) ? -1 : 1))
    .map((name) => `${name}:${(headers[name] ?? '').trim()}\n`);
  const asked = [...query].map(([name, value]) => [name.toLowerCase(), value] as const);
  asked.sort(([a], [b]) => (a < b ? -1 : 1));
  return [
    method,
    ...SIGNED.map((name) => known[name] ?? ''),
    `${named.join('')}/${account}${path}${asked.map(([name, value]) => `\n${name}:${value}`).join('')}`,
  ].join('\n');
}

/** The service sorts as dictionaries do: without hyphens. */
function plain(name: string): string {
  return name.replaceAll('-', '');
}
