// SPDX-License-Identifier: Apache-2.0
import { readFile } from 'node:fs/promises';
import type { AnonymousCredential } from '@azure/storage-blob';
import { GritError } from '@grit/plugin-api';
import type { Authorizer, Proof } from './authorizer.js';
import type { Sdk } from './load-sdk.js';
import type { Refusal } from './refusal.js';

/** A new token is looked for so long before the old one ends, milliseconds. */
const AHEAD_MS = 300_000;
const LOOK_EVERY_MS = 30_000;
/** What the service says to a token that has ended, or has been revoked. */
const ENDED = ['AuthenticationFailed', 'AuthorizationFailure', 'InvalidAuthenticationInfo'];

/** Adds a shared access signature to each request; one from a file is read anew when it ends. */
export class SasToken implements Authorizer {
  #token: string | undefined;
  #generation = 0;
  #readAt = -Infinity;

  constructor(
    private readonly sdk: Sdk,
    private readonly source: { readonly token: string } | { readonly file: string },
    private readonly now: () => number = Date.now,
  ) {}

  async authorize(): Promise<Proof> {
    const query = await this.#current();
    return { query, generation: this.#generation };
  }

  async renew({ code }: Refusal, generation: number): Promise<boolean> {
    if (!ENDED.includes(code) || !('file' in this.source)) return false;
    // Somebody else was refused too, and was quicker.
    if (generation === this.#generation) await this.#read();
    return generation !== this.#generation;
  }

  explain({ code, serverTime = this.now() }: Refusal): string | undefined {
    const end = endOf(this.#token ?? '');
    if (!ENDED.includes(code) || end === undefined || end > serverTime) return undefined;
    return `the SAS ended at ${new Date(end).toISOString()}`;
  }

  async forBatch(): Promise<{ readonly credential: AnonymousCredential; readonly query: string }> {
    return { credential: new this.sdk.AnonymousCredential(), query: await this.#current() };
  }

  async #current(): Promise<string> {
    const token = this.#token ?? (await this.#read());
    const end = endOf(token);
    const ends = end !== undefined && end - this.now() < AHEAD_MS;
    if (!ends || this.now() - this.#readAt < LOOK_EVERY_MS) return token;
    // The old one may do yet.
    return this.#read().catch(() => token);
  }

  async #read(): Promise<string> {
    const text = 'file' in this.source ? await readToken(this.source.file) : this.source.token;
    const token = text.trim().replace(/^\?/, '');
    const fields = new URLSearchParams(token);
    if (!fields.has('sig') || /\s/.test(token)) {
      throw new GritError('GRIT_CONFIG_INVALID', 'azure.sas: expected what comes after the ? of a SAS URL, with sig=', {
        hint: 'az storage container generate-sas --permissions racwdl shows one.',
      });
    }
    this.#readAt = this.now();
    if (token !== this.#token) this.#generation++;
    this.#token = token;
    return token;
  }
}

async function readToken(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw new GritError('GRIT_SECRET_UNREADABLE', `azure.sasFile: ${(cause as Error).message}`, { cause });
  }
}

/** Milliseconds since the epoch; undefined where an access policy of the container says it. */
function endOf(token: string): number | undefined {
  const end = Date.parse(new URLSearchParams(token).get('se') ?? '');
  return Number.isNaN(end) ? undefined : end;
}
