// SPDX-License-Identifier: Apache-2.0
import { GritError } from '@grit/plugin-api';
import type { RedisOptions } from 'ioredis';

/** A Redis to connect to: the embedded one by its socket, or any other by URL. */
export type RedisEndpoint = RedisSocketEndpoint | RedisUrlEndpoint;

/** A Redis on a unix socket. */
export interface RedisSocketEndpoint {
  readonly path: string;
}

/** A Redis by URL. */
export interface RedisUrlEndpoint {
  /** `redis://host[:port][/db]`, or `rediss://` for TLS. Without a password: URLs end up in logs. */
  readonly url: string;
  /** ACL user. */
  readonly username?: string | undefined;
  /** Read by the caller from wherever it is kept. Never logged. */
  readonly password?: string | undefined;
  /** PEM texts, for `rediss://` with a private CA or client certificates. */
  readonly tls?:
    | { readonly ca?: string | undefined; readonly cert?: string | undefined; readonly key?: string | undefined }
    | undefined;
}

/** Goes together with the lock duration of 60 s: a Redis that was away is met again long before a lock runs out. */
const MAX_RECONNECT_MS = 2_000;

/** What we hand to ioredis. */
export type ConnectOptions = Omit<RedisOptions, 'replyMapping'>;

/** Options for ioredis. */
export function redisOptions(endpoint: RedisEndpoint): ConnectOptions {
  const retryStrategy = (times: number): number => Math.min(50 * 2 ** Math.min(times, 10), MAX_RECONNECT_MS);
  const common = { retryStrategy, connectTimeout: 5_000 };
  return 'path' in endpoint ? { ...common, path: endpoint.path } : { ...common, ...remote(endpoint) };
}

function remote(endpoint: RedisUrlEndpoint): ConnectOptions {
  const url = URL.parse(endpoint.url);
  if (!url || !['redis:', 'rediss:'].includes(url.protocol)) {
    throw invalid('the URL of Redis must begin with redis:// or rediss://');
  }
  if (url.password !== '') throw invalid('the URL of Redis contains a password; give it by passwordFrom instead');
  const db = url.pathname.slice(1);
  if (!/^\d*$/.test(db)) throw invalid('the path of the URL of Redis is not the number of a database');
  const username = endpoint.username ?? decodeURIComponent(url.username);
  return {
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? 6379 : Number(url.port),
    db: Number(db),
    keepAlive: 10_000,
    ...(username === '' ? {} : { username }),
    ...(endpoint.password === undefined ? {} : { password: endpoint.password }),
    ...(url.protocol === 'rediss:' ? { tls: { ...defined(endpoint.tls ?? {}), servername: url.hostname } } : {}),
  };
}

function defined(tls: NonNullable<RedisUrlEndpoint['tls']>): Record<string, string> {
  return Object.fromEntries(Object.entries(tls).filter((entry): entry is [string, string] => entry[1] !== undefined));
}

function invalid(message: string): GritError {
  return new GritError('GRIT_CONFIG_INVALID', message);
}
