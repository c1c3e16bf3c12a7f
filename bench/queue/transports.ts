// SPDX-License-Identifier: Apache-2.0
import { setImmediate as turn } from 'node:timers/promises';
import { openJobQueue } from '@grit/queue';
import { Queue, Worker } from 'bullmq';

const CONCURRENCY = 100;
let routes = 0;

/** A queue with a consumer, for the two contenders alike. */
export interface Transport {
  /** Called at the entry of the handler. */
  onJob: () => void;
  submit(job: number): Promise<unknown>;
  /** Resolves when the consumer waits for jobs again. */
  idle(): Promise<void>;
  close(): Promise<void>;
}

const data = (job: number): { [key: string]: string | number } => ({ apiVersion: 'grit.dev/v1', kind: 'bench', job });

/** The real thing: BullMqJobQueue with all that it does for each job. */
export async function openGrit(path: string): Promise<Transport> {
  const queue = await openJobQueue({ path });
  const route = `node-grit-${routes++}` as const;
  const { signal } = new AbortController();
  let active = 0;
  const consumer = await queue.consume(
    route,
    async () => {
      active += 1;
      transport.onJob();
      active -= 1;
      return null;
    },
    { concurrency: CONCURRENCY },
  );
  const transport: Transport = {
    onJob: () => undefined,
    submit: (job) => queue.submit(route, 'bench', data(job), {}, signal),
    idle: () => quiet(() => active),
    close: async () => {
      await consumer.close({ deadlineMs: 10_000 });
      await queue.close();
    },
  };
  return transport;
}

/** The yardstick: BullMQ as its documentation uses it. */
export async function openPlain(path: string): Promise<Transport> {
  const route = `plain-${routes++}`;
  const options = { prefix: '{grit}', connection: { path, maxRetriesPerRequest: null } };
  const queue = new Queue(route, options);
  let active = 0;
  const worker = new Worker(
    route,
    async () => {
      active += 1;
      transport.onJob();
      active -= 1;
      return null;
    },
    { ...options, concurrency: CONCURRENCY, removeOnComplete: { count: 10_000 } },
  );
  const transport: Transport = {
    onJob: () => undefined,
    submit: (job) => queue.add('bench', data(job)),
    idle: () => quiet(() => active),
    close: async () => {
      await worker.close();
      await queue.close();
    },
  };
  await Promise.all([queue.waitUntilReady(), worker.waitUntilReady()]);
  return transport;
}

async function quiet(active: () => number): Promise<void> {
  do await turn();
  while (active() > 0);
}
