// SPDX-License-Identifier: Apache-2.0
import type { AccessToken, TokenCredential } from '@azure/identity';
import { orAborted } from '@grit/image';
import { GritError } from '@grit/plugin-api';
import type { Authorizer, Proof, RequestToAuthorize } from './authorizer.js';
import type { Refusal } from './refusal.js';

const SCOPE = 'https://storage.azure.com/.default';
/** A new token is got so long before the old one ends, milliseconds. */
const AHEAD_MS = 300_000;
/** And not more often than this, should that fail. */
const RETRY_MS = 30_000;

/** Adds the token of an identity to each request; a new one is got before it ends. */
export class BearerToken implements Authorizer {
  #token: AccessToken | undefined;
  #getting: Promise<AccessToken> | undefined;
  #generation = 0;
  #triedAt = -Infinity;

  constructor(
    private readonly credential: TokenCredential,
    private readonly label: string,
    private readonly now: () => number = Date.now,
  ) {}

  async authorize({ headers }: Pick<RequestToAuthorize, 'headers'>, signal: AbortSignal): Promise<Proof> {
    headers['authorization'] = `Bearer ${await this.#current(signal)}`;
    headers['x-ms-date'] = new Date(this.now()).toUTCString();
    return { query: '', generation: this.#generation };
  }

  async renew({ status, code }: Refusal, generation: number, signal: AbortSignal): Promise<boolean> {
    if (status !== 401 && code !== 'AuthenticationFailed') return false;
    // Somebody else was refused too, and was quicker.
    if (generation === this.#generation) await orAborted(this.#get(), signal);
    return generation !== this.#generation;
  }

  explain(): undefined {
    return undefined;
  }

  async forBatch(): Promise<{ readonly credential: TokenCredential; readonly query: string }> {
    return { credential: this.credential, query: '' };
  }

  async #current(signal: AbortSignal): Promise<string> {
    const left = (this.#token?.expiresOnTimestamp ?? -Infinity) - this.now();
    if (this.#token !== undefined && (left > AHEAD_MS || (left > 0 && this.now() - this.#triedAt < RETRY_MS))) {
      return this.#token.token;
    }
    try {
      return (await orAborted(this.#get(), signal)).token;
    } catch (error) {
      if (this.#token !== undefined && left > 0 && !signal.aborted) return this.#token.token;
      throw error;
    }
  }

  /** One for all who wait for it: so nobody's abort ends it. */
  #get(): Promise<AccessToken> {
    this.#getting ??= this.#ask().finally(() => (this.#getting = undefined));
    return this.#getting;
  }

  async #ask(): Promise<AccessToken> {
    this.#triedAt = this.now();
    try {
      const token = await this.credential.getToken(SCOPE);
      if (token === null) throw new Error('the identity has no token');
      if (token.token !== this.#token?.token) this.#generation++;
      this.#token = token;
      return token;
    } catch (cause) {
      const said = cause instanceof Error ? (cause.message.split('\n')[0] ?? '') : String(cause);
      throw new GritError('GRIT_STORAGE_DENIED', `${this.label}: there is no token of an identity: ${said}`, {
        cause,
        hint: 'Give the pod a workload identity or the machine a managed one (clientId where there are several), or set accountKeyFrom or sasFile.',
      });
    }
  }
}
