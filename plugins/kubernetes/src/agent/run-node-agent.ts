// SPDX-License-Identifier: Apache-2.0
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import type { DeliveredJob, JobContext, JobQueue, Logger } from '@grit/plugin-api';
import { STORES } from '../api/kinds.js';
import { Informer } from '../kit/informer.js';
import type { KubeClient } from '../kit/kube-client.js';
import { NODE_JOB, routeOf } from '../steps/node-job.js';
import type { NodeHandlers } from './node-handlers.js';
import { renewNodeLease } from './node-lease.js';
import { NodePublisher, type NodeReport } from './node-publisher.js';
import { OrderDesk } from './order-desk.js';
import { OrderWatch } from './order-watch.js';
import { Slots } from './slots.js';
import { StoreCollector } from './store-collector.js';
import { StoreEntries } from './store-entries.js';
import { StoreProber } from './store-prober.js';
import { parseWake } from './wake-job.js';

/** What the agent of a node is run with. */
export interface NodeAgentOptions {
  /** With the rights of the ServiceAccount grit-agent. */
  readonly client: KubeClient;
  readonly queue: JobQueue;
  /** Name of the Node. */
  readonly node: string;
  readonly handlers: NodeHandlers;
  /** What the node is; asked at the start and then once a minute. */
  readonly facts: (signal: AbortSignal) => Promise<NodeReport>;
  /** Where the Lease is. */
  readonly namespace: string;
  readonly logger: Logger;
  /** Ends the agent. Steps are stopped and stay unfinished: the next agent goes on with them. */
  readonly signal: AbortSignal;
  /** Called when the node is published and the queue listened to. */
  readonly onReady?: (() => void) | undefined;
  readonly settings?: Partial<NodeAgentSettings> | undefined;
}

/** Times in milliseconds. */
export interface NodeAgentSettings {
  readonly leaseSeconds: number;
  readonly leaseRenewMs: number;
  readonly publishMs: number;
  readonly progressMs: number;
  readonly probeDeadlineMs: number;
  readonly probeAgainMs: number;
  /** Checkpoints and restores at once. */
  readonly heavySteps: number;
}

const SETTINGS: NodeAgentSettings = {
  leaseSeconds: 40,
  leaseRenewMs: 10_000,
  publishMs: 60_000,
  progressMs: 1_000,
  probeDeadlineMs: 60_000,
  probeAgainMs: 60_000,
  heavySteps: 8,
};

/** Jobs in the agent's hands; most of them wait for a place. */
const JOBS_AT_ONCE = 128;
const CLOSE_MS = 2_000;

/**
 * The node's side of the step protocol: publishes the node, keeps its Lease, tries the stores, and does what objects on the API server order
 * from it; a job on its queue only wakes it. Returns after the signal, when everything has ended; an API server or a queue that is away is
 * waited for.
 */
export async function runNodeAgent(options: NodeAgentOptions): Promise<void> {
  const { client, queue, node, handlers, facts, namespace, logger, signal } = options;
  const settings = { ...SETTINGS, ...options.settings };
  const incarnation = randomUUID();
  const slots = new Slots(settings.heavySteps);
  const desk = new OrderDesk({ client, node, handlers, slots, progressMs: settings.progressMs, logger }, signal);
  const { leaseSeconds, leaseRenewMs: renewMs } = settings;
  const lease = renewNodeLease({ client, namespace, node, holder: incarnation, renewMs, leaseSeconds, logger }, signal);
  const publisher = new NodePublisher({ client, node, incarnation, facts, everyMs: settings.publishMs, logger });
  const published = Promise.withResolvers<undefined>();
  const publishing = publisher.run(signal, () => published.resolve(undefined));
  const { probeDeadlineMs: deadlineMs, probeAgainMs: againMs } = settings;
  const stores = new Informer(client, STORES, {}, logger);
  const entries = new StoreEntries(client, node, signal);
  const { probeStore: probe, collectStore: collect } = handlers;
  const prober = new StoreProber({ stores, entries, probe, deadlineMs, againMs, logger }, signal);
  const collector = new StoreCollector({ node, stores, entries, collect, againMs: againMs * 10, logger }, signal);
  prober.start();
  collector.start();
  stores.start(signal);
  const consumer = await queue.consume(routeOf(node), (job, context) => wake(desk, job, context), {
    concurrency: JOBS_AT_ONCE,
  });
  const watching = new OrderWatch(client, node, desk, logger).start(signal).catch(() => undefined);
  void Promise.all([published.promise, watching]).then(() => {
    if (!signal.aborted) options.onReady?.();
  });
  if (!signal.aborted) await once(signal, 'abort');
  await Promise.all([
    consumer.close({ deadlineMs: CLOSE_MS }),
    desk.settled(),
    prober.settled(),
    collector.settled(),
    lease,
    publishing,
  ]);
}

/** The job is over when its step is. A job that is cancelled makes the agent look again; what the API server orders goes on. */
async function wake(desk: OrderDesk, job: DeliveredJob, { signal }: JobContext): Promise<null> {
  if (job.name !== NODE_JOB) return null;
  const order = parseWake(job.data);
  const over = desk.take(order);
  const cancelled = signal.aborted ? Promise.resolve() : once(signal, 'abort');
  await Promise.race([over, cancelled]);
  if (signal.aborted) void desk.lookAgain(order).catch(() => undefined);
  signal.throwIfAborted();
  return null;
}
