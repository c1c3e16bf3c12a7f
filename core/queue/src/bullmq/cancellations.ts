// SPDX-License-Identifier: Apache-2.0
import type { JobRoute } from '@grit/plugin-api';
import type { Redis } from 'ioredis';
import type { Connections } from './connections.js';
import { PREFIX } from './constants.js';

const CHANNEL = `${PREFIX}:cancellations`;
const FLAG_TTL_S = 24 * 60 * 60;

/** The wish that one job ends. */
export interface Cancellation {
  readonly route: JobRoute;
  /** BullMQ's id. */
  readonly raw: string;
  /** When that job was submitted: a later job of the same id is not meant. */
  readonly submittedAt: number;
  readonly reason: string;
}

/** Writes the wish where a consumer finds it that does not listen just now, then tells those that do. */
export async function announceCancellation(redis: Redis, cancellation: Cancellation): Promise<void> {
  const text = JSON.stringify(cancellation);
  await redis
    .multi()
    .set(flagKey(cancellation.route, cancellation.raw), text, 'EX', FLAG_TTL_S)
    .publish(CHANNEL, text)
    .exec();
}

export async function forgetCancellation(redis: Redis, route: JobRoute, raw: string): Promise<void> {
  await redis.del(flagKey(route, raw));
}

export async function readCancellation(redis: Redis, route: JobRoute, raw: string): Promise<Cancellation | undefined> {
  const text = await redis.get(flagKey(route, raw));
  return text === null ? undefined : (JSON.parse(text) as Cancellation);
}

/** Someone who wants to know of cancellations. */
export interface CancellationListener {
  onCancellation(cancellation: Cancellation): void;
  /** Messages may have been missed: the flags must be read. */
  onReconnect(): void;
}

/** Hears of cancellations from all processes, over one connection. */
export class CancellationFeed {
  readonly #listeners = new Set<CancellationListener>();
  readonly #connections: Connections;
  #redis: Redis | undefined;
  #live = false;

  constructor(connections: Connections) {
    this.#connections = connections;
  }

  /** True while every announcement is heard; else only the flag tells. */
  get live(): boolean {
    return this.#live;
  }

  add(listener: CancellationListener): void {
    this.#listeners.add(listener);
    this.#redis ??= this.#subscribe();
  }

  remove(listener: CancellationListener): void {
    this.#listeners.delete(listener);
    if (this.#listeners.size > 0 || !this.#redis) return;
    this.#connections.drop(this.#redis);
    this.#redis = undefined;
    this.#live = false;
  }

  #subscribe(): Redis {
    const redis = this.#connections.open({ maxRetriesPerRequest: null });
    redis.on('message', (_channel: string, text: string) => {
      const cancellation = JSON.parse(text) as Cancellation;
      for (const listener of this.#listeners) listener.onCancellation(cancellation);
    });
    redis.on('close', () => {
      this.#live = false;
    });
    // Flags are read after the subscription stands: what is announced from then on is heard.
    redis.on('ready', () => {
      redis.subscribe(CHANNEL).then(
        () => this.#onSubscribed(redis),
        () => undefined,
      );
    });
    return redis;
  }

  #onSubscribed(redis: Redis): void {
    if (this.#redis !== redis) return;
    this.#live = true;
    for (const listener of this.#listeners) listener.onReconnect();
  }
}

function flagKey(route: JobRoute, raw: string): string {
  return `${PREFIX}:cancel:${route}:${raw}`;
}
