// SPDX-License-Identifier: Apache-2.0
import type { JobQueue, Logger } from '@grit/plugin-api';
import { runNodeAgent, type GritNodeStatus, type KubeClient, type NodeHandlers } from '@grit/plugin-kubernetes';
import { watchedQueue, type SeenJob } from './watched-queue.js';

export interface SimulatedAgentsOptions {
  /** As ServiceAccount grit-agent, bound to the node: an agent may write only what is of its own. */
  readonly client: (node: string) => KubeClient;
  readonly queue: JobQueue;
  readonly nodes: readonly string[];
  /** The journal of a node must outlive its agent: called once for each node. */
  readonly handlers: (node: string) => NodeHandlers;
  /** Beside the defaults. */
  readonly facts?: (node: string) => Partial<NonNullable<GritNodeStatus['facts']>>;
  /** Where Leases are. */
  readonly namespace: string;
  readonly logger: Logger;
  /** Told of every job when it arrives at its node, before the agent looks at it. */
  readonly onJob?: (job: SeenJob) => void;
}

interface Running {
  readonly end: AbortController;
  readonly ended: Promise<void>;
}

/** The agents of all simulated nodes, in this process: the real ones, with simulated hands. */
export class SimulatedAgents {
  readonly #running = new Map<string, Running>();
  readonly #handlers = new Map<string, NodeHandlers>();
  readonly #clients = new Map<string, KubeClient>();
  readonly #queue: JobQueue;

  constructor(private readonly options: SimulatedAgentsOptions) {
    this.#queue = watchedQueue(options.queue, (job) => options.onJob?.(job));
    for (const node of options.nodes) this.#handlers.set(node, options.handlers(node));
  }

  /** Of all nodes, or of one. */
  start(node?: string): void {
    for (const name of node === undefined ? this.options.nodes : [node]) this.#startOne(name);
  }

  /** Ends one, or all, in the middle of whatever they do, as a crash would; processes and journals stay. */
  async stop(node?: string): Promise<void> {
    const names = node === undefined ? [...this.#running.keys()] : [node];
    await Promise.all(names.map((name) => this.#stopOne(name)));
  }

  #startOne(node: string): void {
    const handlers = this.#handlers.get(node);
    if (handlers === undefined || this.#running.has(node)) return;
    const { namespace, logger } = this.options;
    const end = new AbortController();
    const ended = runNodeAgent({
      client: this.#client(node),
      queue: this.#queue,
      node,
      handlers,
      facts: () => Promise.resolve({ facts: { ...FACTS, ...this.options.facts?.(node) } }),
      namespace,
      logger: logger.child({ node }),
      signal: end.signal,
    }).catch((error: unknown) => {
      if (!end.signal.aborted) logger.error('agent ended', { node, reason: String(error) });
    });
    this.#running.set(node, { end, ended });
  }

  #client(node: string): KubeClient {
    const client = this.#clients.get(node) ?? this.options.client(node);
    this.#clients.set(node, client);
    return client;
  }

  async #stopOne(node: string): Promise<void> {
    const running = this.#running.get(node);
    this.#running.delete(node);
    running?.end.abort(new Error('the agent was stopped'));
    await running?.ended;
  }
}

/** Two nodes of the same kind: what was checkpointed on one can go on on the other. */
const FACTS = {
  arch: 'amd64',
  kernel: '6.18.0',
  cgroup: 'v2' as const,
  containerd: '2.4.2',
  runc: '1.5.2',
  criu: '4.2.1',
  cpuFlags: ['fpu', 'sse2'],
  lsm: 'none',
  freeBytes: 2 ** 40,
};
