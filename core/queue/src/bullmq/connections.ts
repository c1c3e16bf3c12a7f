// SPDX-License-Identifier: Apache-2.0
import { toGritError } from '@grit/plugin-api';
import { Redis } from 'ioredis';
import { queueUnavailable } from '../jobs/errors.js';
import { abortable, settledWithin } from '../jobs/within.js';
import { redisOptions, type RedisEndpoint } from '../redis/redis-endpoint.js';
import { COMMAND_TIMEOUT_MS } from './constants.js';

/** The connections of one JobQueue, opened when first needed and shared by all routes. */
export class Connections {
  readonly #endpoint: RedisEndpoint;
  readonly #onError: (error: Error) => void;
  readonly #open = new Set<Redis>();
  #producer: Redis | undefined;
  #consumer: Redis | undefined;
  #first: Promise<void> | undefined;
  #closed = false;

  constructor(endpoint: RedisEndpoint, onError: (error: Error) => void) {
    this.#endpoint = endpoint;
    this.#onError = onError;
  }

  /** Fails at once while Redis is down. */
  get producer(): Redis {
    this.#producer ??= this.open({ enableOfflineQueue: false, maxRetriesPerRequest: 1 });
    return this.#producer;
  }

  /** Keeps commands until Redis is back: what a consumer has to say about a job must not get lost. */
  get consumer(): Redis {
    this.#consumer ??= this.open({ maxRetriesPerRequest: null });
    return this.#consumer;
  }

  /** A connection of its own, for subscriptions and blocking reads. */
  open(options: { enableOfflineQueue?: boolean; maxRetriesPerRequest: number | null }): Redis {
    if (this.#closed) throw queueUnavailable('the queue is closed');
    const redis = new Redis({ ...redisOptions(this.#endpoint), ...options });
    redis.on('error', this.#onError);
    // BullMQ makes its blocking connections from ours and forgets them when it is closed while Redis is down.
    const duplicate = redis.duplicate.bind(redis);
    redis.duplicate = (override) => this.#track(duplicate(override));
    return this.#track(redis);
  }

  drop(redis: Redis): void {
    this.#open.delete(redis);
    redis.disconnect();
  }

  /**
   * Runs commands of a producer: GRIT_QUEUE_UNAVAILABLE at once while Redis is down, or when it does not answer in time.
   * The signal counts before they are sent; what is on its way cannot be called back.
   */
  async call<T>(signal: AbortSignal, commands: (redis: Redis) => Promise<T>): Promise<T> {
    signal.throwIfAborted();
    const redis = this.producer;
    if (redis.status !== 'ready') {
      this.#first ??= firstConnection(redis);
      await abortable(this.#first, signal);
      // The status is read anew: TypeScript does not see that it changed meanwhile.
      if ((redis.status as string) !== 'ready') throw queueUnavailable();
    }
    return await new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(queueUnavailable('no answer in time')), COMMAND_TIMEOUT_MS);
      commands(redis)
        .then(resolve, (error: unknown) =>
          reject(isConnectionError(error) ? queueUnavailable(error) : toGritError(error)),
        )
        .finally(() => clearTimeout(timer));
    });
  }

  #track(redis: Redis): Redis {
    this.#open.add(redis);
    redis.once('end', () => this.#open.delete(redis));
    return redis;
  }

  close(): void {
    this.#closed = true;
    for (const redis of this.#open) redis.disconnect();
    this.#open.clear();
  }
}

/** A connection that was never up may just be starting, so it is waited for, once; one that was lost is down. */
async function firstConnection(redis: Redis): Promise<void> {
  const decided = new Promise<void>((resolve) => {
    redis.once('ready', () => resolve()).once('close', () => resolve());
  });
  await settledWithin(decided, COMMAND_TIMEOUT_MS);
}

function isConnectionError(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = (error as NodeJS.ErrnoException).code ?? '';
  return (
    error.name === 'MaxRetriesPerRequestError' ||
    error.name === 'AbortError' ||
    /^(ECONN|EPIPE|ENOENT|ETIMEDOUT|EHOST|ENOTFOUND)/.test(code) ||
    /Connection is closed|isn't writeable|enableOfflineQueue|^LOADING|^READONLY/i.test(error.message)
  );
}
