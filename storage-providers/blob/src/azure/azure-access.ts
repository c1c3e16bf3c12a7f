// SPDX-License-Identifier: Apache-2.0
import { randomUUID } from 'node:crypto';
import { isGritError } from '@grit/plugin-api';
import { RetryBudget } from '../retry/retry-budget.js';
import { SourceFailure } from '../retry/source-failure.js';
import { unreached } from '../retry/unreached.js';
import { impatient, withRetries, type RetryPolicy, type Verdict } from '../retry/with-retries.js';
import { HedgedReads } from '../wire/hedged-reads.js';
import { percentEncode } from '../wire/percent-encode.js';
import type { Wire } from '../wire/wire.js';
import type { WireAnswer, WireBody } from '../wire/wire-request.js';
import type { Authorizer } from './authorizer.js';
import { azureError, isRetryable } from './azure-error.js';
import type { AzurePlace } from './azure-options.js';
import { readRefusal, Refused } from './refusal.js';

/** Of the API. All services since the end of 2021 know it, emulators and Azure Stack as well. */
const VERSION = '2021-12-02';
/** Tries of what may lie with us too. */
const FEW = 4;

export interface AzureRequest {
  readonly method: 'GET' | 'PUT' | 'HEAD' | 'DELETE' | 'POST';
  /** Encoded, with the account where the endpoint has it in its path. */
  readonly path: string;
  readonly query?: ReadonlyMap<string, string>;
  /** Names in lower case. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: WireBody;
  readonly bodySize?: number;
  readonly into?: Uint8Array;
  /** Longest body of an answer, bytes. */
  readonly bodyLimit?: number;
}

export interface AzureCallOptions {
  /** For messages: `write KEY`. */
  readonly what: string;
  readonly signal: AbortSignal;
  /** Codes of answers that the caller understands; they come as Refused. */
  readonly expected?: readonly string[];
  readonly policy?: RetryPolicy | undefined;
  /** Told of tries of which nobody knows whether they were done. */
  readonly onLost?: () => void;
}

/** The container as its requests see it: address, identity, patience. */
export class AzureAccess {
  readonly #base: string;
  readonly #budget = new RetryBudget();
  readonly #reads: HedgedReads;

  constructor(
    readonly place: AzurePlace,
    readonly authorizer: Authorizer,
    private readonly wire: Wire,
    private readonly settings: {
      readonly policy: RetryPolicy;
      readonly now: () => number;
      readonly parallelReads: number;
    },
  ) {
    this.#base = `${new URL(place.endpoint).pathname.replace(/\/$/, '')}/${place.container}`;
    this.#reads = new HedgedReads(settings.parallelReads);
  }

  /** Of a question that somebody waits for. */
  get impatience(): RetryPolicy {
    return impatient(this.settings.policy);
  }

  /** The key in the container. */
  keyOf(key: string): string {
    return `${this.place.prefix}${key}`;
  }

  /** A blob as path of a request line. */
  pathOf(key: string): string {
    return `${this.#base}/${this.keyOf(key).split('/').map(percentEncode).join('/')}`;
  }

  /** A request, tried again as everything is; `request` is asked for anew for every try. */
  exchange(options: AzureCallOptions, request: () => AzureRequest): Promise<WireAnswer> {
    return this.tries(options, () => {
      const each = request();
      if (each.into === undefined) return this.send(each, options.signal);
      return this.#reads.read(each.into, options.signal, (into, signal) => this.send({ ...each, into }, signal));
    });
  }

  /** One request, once. Throws Refused for every answer that is no success. */
  async send(request: AzureRequest, signal: AbortSignal): Promise<WireAnswer> {
    const { method, path, query = new Map<string, string>(), body, bodySize, into, bodyLimit } = request;
    const headers: Record<string, string> = {
      'x-ms-client-request-id': randomUUID(),
      ...request.headers,
      'x-ms-version': VERSION,
    };
    const size = body instanceof Uint8Array ? body.length : (bodySize ?? 0);
    const proof = await this.authorizer.authorize({ method, path, query, headers, bodySize: size }, signal);
    const search = [...query].map(([name, value]) => `${percentEncode(name)}=${percentEncode(value)}`);
    if (proof.query !== '') search.push(proof.query);
    const answer = await this.wire.request({
      method,
      path: search.length === 0 ? path : `${path}?${search.join('&')}`,
      headers,
      ...(body !== undefined && { body, bodySize: size }),
      ...(into !== undefined && { into }),
      ...(bodyLimit !== undefined && { bodyLimit }),
      signal,
    });
    if (answer.status >= 200 && answer.status < 300) return answer;
    const refusal = readRefusal(answer.status, (name) => answer.headers.get(name), answer.body);
    throw new Refused(refusal, answer.repeated, proof.generation);
  }

  /** Calls as often as it pays. Throws a GritError, or Refused for what is expected. */
  tries<T>(options: AzureCallOptions, call: (attempt: number) => Promise<T>): Promise<T> {
    const { what, signal, expected = [], policy = this.settings.policy, onLost } = options;
    const { label, endpoint } = this.place;
    let renewed = false;
    const judge = (error: unknown): Verdict => {
      if (!(error instanceof Refused)) {
        if (error instanceof SourceFailure) return { error: error.cause, retry: false };
        if (isGritError(error)) return { error, retry: false };
        onLost?.();
        return unreached(error, { label, endpoint, what });
      }
      const { refusal } = error;
      if (error.repeated || refusal.status >= 500) onLost?.();
      if (expected.includes(refusal.code)) return { error, retry: false };
      const again = isRetryable(refusal);
      const action = { label, what, now: this.settings.now(), reason: this.authorizer.explain(refusal) };
      return {
        error: azureError(refusal, action, error),
        retry: again !== false,
        afterMs: refusal.retryAfterMs,
        ...(again === 'few' && { tries: FEW }),
      };
    };
    const renewing = async (attempt: number): Promise<T> => {
      try {
        return await call(attempt);
      } catch (error) {
        if (renewed || !(error instanceof Refused) || expected.includes(error.refusal.code)) throw error;
        const { status } = error.refusal;
        if (status !== 401 && status !== 403) throw error;
        renewed = true;
        if (!(await this.authorizer.renew(error.refusal, error.generation, signal))) throw error;
        return call(attempt);
      }
    };
    return withRetries(renewing, { policy, signal, judge, budget: this.#budget });
  }
}
