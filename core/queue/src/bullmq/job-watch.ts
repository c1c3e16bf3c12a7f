// SPDX-License-Identifier: Apache-2.0
import type { JobRoute } from '@grit/plugin-api';
import { QueueEvents } from 'bullmq';
import type { Redis } from 'ioredis';
import type { Connections } from './connections.js';
import { PREFIX } from './constants.js';

/** A change that no event told of (trimmed stream, lost connection, a log line) is seen after this time. */
const POLL_MS = 500;
const EVENTS = ['waiting', 'delayed', 'active', 'progress', 'completed', 'failed', 'removed'] as const;

interface Feed {
  readonly events: QueueEvents;
  readonly watchers: Set<JobWatcher>;
}

/** Remembers that something happened to a job since it was last asked. */
export class JobWatcher {
  #happened = false;
  #wake: (() => void) | undefined;

  constructor(
    readonly route: JobRoute,
    readonly raw: string,
  ) {}

  touch(): void {
    this.#happened = true;
    this.#wake?.();
  }

  /** Resolves when something happened, at the next poll, or when the signal is aborted. */
  async next(signal: AbortSignal): Promise<void> {
    if (!this.#happened && !signal.aborted) {
      await new Promise<void>((resolve) => {
        const done = (): void => {
          clearTimeout(timer);
          signal.removeEventListener('abort', done);
          this.#wake = undefined;
          resolve();
        };
        const timer = setTimeout(done, POLL_MS);
        signal.addEventListener('abort', done);
        this.#wake = done;
      });
    }
    this.#happened = false;
  }
}

/** Wakes those who watch jobs: one connection per route, while somebody watches. */
export class JobWakeups {
  readonly #connections: Connections;
  readonly #onError: (error: Error) => void;
  readonly #feeds = new Map<JobRoute, Feed>();

  constructor(connections: Connections, onError: (error: Error) => void) {
    this.#connections = connections;
    this.#onError = onError;
  }

  /** All that happens to the job from now on touches the watcher. */
  async open(redis: Redis, route: JobRoute, raw: string): Promise<JobWatcher> {
    const watcher = new JobWatcher(route, raw);
    let feed = this.#feeds.get(route);
    if (!feed) {
      // The feed connects some time later, and then reads on from here.
      const newest = await redis.xrevrange(`${PREFIX}:${route}:events`, '+', '-', 'COUNT', 1);
      feed = this.#feeds.get(route) ?? this.#start(route, newest[0]?.[0] ?? '0-0');
    }
    feed.watchers.add(watcher);
    return watcher;
  }

  release(watcher: JobWatcher): void {
    const feed = this.#feeds.get(watcher.route);
    feed?.watchers.delete(watcher);
    if (feed?.watchers.size !== 0) return;
    this.#feeds.delete(watcher.route);
    feed.events.close().catch(this.#onError);
  }

  async close(): Promise<void> {
    const feeds = [...this.#feeds.values()];
    this.#feeds.clear();
    await Promise.allSettled(feeds.map((feed) => feed.events.close()));
  }

  #start(route: JobRoute, lastEventId: string): Feed {
    const events = new QueueEvents(route, { prefix: PREFIX, connection: this.#connections.consumer, lastEventId });
    const watchers = new Set<JobWatcher>();
    events.on('error', this.#onError);
    for (const event of EVENTS) {
      events.on(event, ({ jobId }: { jobId: string }) => {
        for (const watcher of watchers) if (watcher.raw === jobId) watcher.touch();
      });
    }
    const feed = { events, watchers };
    this.#feeds.set(route, feed);
    return feed;
  }
}
