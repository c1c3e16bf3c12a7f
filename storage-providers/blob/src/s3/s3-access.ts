// SPDX-License-Identifier: Apache-2.0
import type { S3Client } from '@aws-sdk/client-s3';
import { GritError, isGritError } from '@grit/plugin-api';
import { RetryBudget } from '../retry/retry-budget.js';
import { sourceFailure } from '../retry/source-failure.js';
import { unreached } from '../retry/unreached.js';
import { impatient, withRetries, type RetryPolicy, type Verdict } from '../retry/with-retries.js';
import { HedgedReads } from '../wire/hedged-reads.js';
import { Wire } from '../wire/wire.js';
import type { WireAnswer, WireRequest } from '../wire/wire-request.js';
import type { WireOptions } from '../wire/wire-target.js';
import { addressOf, type S3Address } from './address.js';
import type { Sdk } from './load-sdk.js';
import { readRefusal, Refused, refusalOfSdk } from './refusal.js';
import { isExpired, isRetryable, s3Error } from './s3-error.js';
import { encodePath, queryString, sign } from './sign.js';

/** Tries of what may lie with us too. */
const FEW = 4;

/** A request before it is signed; without body and target of its own it is a plain GET. */
export interface S3Request extends Pick<WireRequest, 'body' | 'bodySize' | 'bodyLimit' | 'into'> {
  readonly method: 'GET' | 'HEAD' | 'PUT';
  readonly key: string;
  readonly query?: Readonly<Record<string, string>> | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

export interface S3CallOptions {
  /** For messages: `write KEY`. */
  readonly what: string;
  readonly signal: AbortSignal;
  /** Codes of answers that the caller understands; they come as Refused. */
  readonly expected?: readonly string[];
  readonly policy?: RetryPolicy | undefined;
}

export interface S3ExchangeOptions extends S3CallOptions {
  /** Looks at an answer that is a success; may throw Refused. */
  readonly check?: ((answer: WireAnswer) => void) | undefined;
  /** Told of tries of which nobody knows whether they were done. */
  readonly onLost?: (() => void) | undefined;
}

/** Where a store is, and what it is called. */
export interface S3Place {
  readonly bucket: string;
  readonly prefix: string;
  /** For messages: `s3://bucket/prefix`. */
  readonly label: string;
  /** For messages: who is asked. */
  readonly endpoint: string;
}

/** The bucket as its requests see it: address, identity, clock, patience. */
export class S3Access {
  #address: Promise<{ readonly address: S3Address; readonly wire: Wire }> | undefined;
  readonly #budget = new RetryBudget();
  readonly #reads: HedgedReads;
  #renew = false;

  constructor(
    readonly sdk: Sdk,
    readonly client: S3Client,
    readonly place: S3Place,
    private readonly settings: {
      readonly policy: RetryPolicy;
      readonly now: () => number;
      readonly ca: string | undefined;
      readonly wire: Partial<WireOptions>;
      readonly parallelReads: number;
    },
  ) {
    this.#reads = new HedgedReads(settings.parallelReads);
  }

  /** The key in the bucket. */
  keyOf(key: string): string {
    return `${this.place.prefix}${key}`;
  }

  /** Of a question that somebody waits for. */
  get impatience(): RetryPolicy {
    return impatient(this.settings.policy);
  }

  /** A call of the SDK's client, tried again as everything is. */
  async control<T>(options: S3CallOptions, call: () => Promise<T>): Promise<T> {
    return this.#tries(options, async () => {
      await this.#credentials();
      try {
        return await call();
      } catch (error) {
        const refusal = refusalOfSdk(error);
        throw refusal === undefined ? error : new Refused(refusal, { cause: error });
      }
    });
  }

  /** A request for bytes over a connection of our own. */
  async exchange(options: S3ExchangeOptions, request: S3Request): Promise<WireAnswer> {
    return this.#tries(options, async () => {
      try {
        const answer = await this.#send(request, options.signal);
        options.check?.(answer);
        return answer;
      } catch (error) {
        if (!(error instanceof Refused) || error.repeated || isRetryable(error.refusal) !== false) options.onLost?.();
        throw error;
      }
    });
  }

  async #send(request: S3Request, signal: AbortSignal): Promise<WireAnswer> {
    if (request.into === undefined) return this.#sendOnce(request, signal);
    return this.#reads.read(request.into, signal, (into, either) => this.#sendOnce({ ...request, into }, either));
  }

  async #sendOnce(request: S3Request, signal: AbortSignal): Promise<WireAnswer> {
    const credentials = await this.#credentials();
    const { address, wire } = await this.#reach();
    const { method, key, query = {}, headers: given, ...rest } = request;
    const path = `${address.path}${encodePath(`/${this.keyOf(key)}`)}`;
    const plain = { ...given, host: address.host };
    const date = new Date(this.settings.now());
    const headers = sign({ method, path, query, headers: plain }, { credentials, region: address.region, date });
    const search = queryString(query);
    const line = search === '' ? path : `${path}?${search}`;
    const answer = await wire.request({ ...rest, method, path: line, headers, signal });
    if (answer.status >= 200 && answer.status < 300) return answer;
    const refusal = readRefusal(answer.status, (name) => answer.headers.get(name), answer.body);
    throw new Refused(refusal, { repeated: answer.repeated });
  }

  async #reach(): Promise<{ readonly address: S3Address; readonly wire: Wire }> {
    const { ca, wire } = this.settings;
    this.#address ??= addressOf(this.sdk, this.client, this.place.bucket).then((address) => ({
      address,
      wire: new Wire(
        {
          secure: address.secure,
          host: address.hostname,
          port: address.port,
          ...(ca !== undefined && { tls: { ca } }),
        },
        wire,
      ),
    }));
    return this.#address;
  }

  async #credentials(): ReturnType<S3Client['config']['credentials']> {
    const forceRefresh = this.#renew;
    this.#renew = false;
    try {
      return await this.client.config.credentials({ forceRefresh });
    } catch (cause) {
      throw new GritError('GRIT_STORAGE_DENIED', `${this.place.label}: there are no credentials: ${messageOf(cause)}`, {
        cause,
        hint: 'Set credentials in the configuration, or give this machine some: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, a profile, the role of its service account or of its instance.',
      });
    }
  }

  async #tries<T>(options: S3CallOptions, call: () => Promise<T>): Promise<T> {
    const { what, signal, expected = [], policy = this.settings.policy } = options;
    let renewed = false;
    const judge = (error: unknown): Verdict => {
      const source = sourceFailure(error);
      if (source !== undefined) return { error: source.cause, retry: false };
      if (!(error instanceof Refused)) {
        if (isGritError(error)) return { error, retry: error.retryable };
        return unreached(error, { ...this.place, what });
      }
      const { refusal } = error;
      if (expected.includes(refusal.code)) return { error, retry: false };
      const action = { label: this.place.label, what, now: this.settings.now() };
      const judged = s3Error(refusal, action, error.cause);
      if (isExpired(refusal) && !renewed) {
        renewed = true;
        this.#renew = true;
        return { error: judged, retry: true };
      }
      const again = isRetryable(refusal);
      return {
        error: judged,
        retry: again !== false,
        afterMs: refusal.retryAfterMs,
        ...(again === 'few' && { tries: FEW }),
      };
    };
    return withRetries(call, { policy, signal, judge, budget: this.#budget });
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
