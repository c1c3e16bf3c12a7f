// SPDX-License-Identifier: Apache-2.0
import type { Json, JobQueue } from '@grit/plugin-api';

/** A job at its arrival. */
export interface SeenJob {
  readonly route: string;
  readonly id: string;
  /** UID of the object that it is about. */
  readonly objectUid: string;
  /** Of `performance.now()`. */
  readonly at: number;
}

/** The same queue, whose consumers tell of each job before they get it. */
export function watchedQueue(queue: JobQueue, onJob: (job: SeenJob) => void): JobQueue {
  const consume: JobQueue['consume'] = (route, handler, options) =>
    queue.consume(
      route,
      (job, context) => {
        onJob({ route, id: job.id, objectUid: uidIn(job.data), at: performance.now() });
        return handler(job, context);
      },
      options,
    );
  return new Proxy(queue, {
    get: (target, key) => {
      if (key === 'consume') return consume;
      const value: unknown = Reflect.get(target, key);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}

function uidIn(data: Json): string {
  const uid = typeof data === 'object' && data !== null && 'uid' in data ? data['uid'] : undefined;
  return typeof uid === 'string' ? uid : '';
}
