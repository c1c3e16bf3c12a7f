// SPDX-License-Identifier: Apache-2.0
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { JobConsumer, JobQueue } from '@grit/plugin-api';
import type { AgentApi } from '../api/agent-api.js';
import type { PluginReport } from '../api/platform-api.js';
import { RunningSteps } from './running-steps.js';
import type { NodeServices } from './step-context.js';

const HEARTBEAT_MS = 1_000;
const CONCURRENT_STEPS = 8;

/** The agent of a node: the queue wakes it, the server tells it what to do, the runtime driver does it. */
export class Agent {
  readonly #incarnation = randomUUID();
  readonly #ended = new AbortController();
  readonly #steps: RunningSteps;
  #consumer: JobConsumer | undefined;
  #heartbeats: Promise<void> = Promise.resolve();

  constructor(
    private readonly services: NodeServices,
    private readonly server: AgentApi,
    private readonly queue: JobQueue,
    private readonly plugins: readonly PluginReport[],
  ) {
    this.#steps = new RunningSteps(services, server, this.#ended.signal);
  }

  /** Returns when the server knows the node. */
  async start(signal: AbortSignal): Promise<void> {
    await this.#register(AbortSignal.any([signal, this.#ended.signal]));
    this.#consumer = await this.queue.consume(
      `node-${this.services.node}`,
      async (job, context) => {
        await this.#steps.run(job.data as never, context.signal);
        return null;
      },
      { concurrency: CONCURRENT_STEPS },
    );
    this.#heartbeats = this.#beat();
  }

  /** Stops its work; the steps in hand are taken up by the next agent. */
  async stop(): Promise<void> {
    this.#ended.abort();
    await this.#steps.settled();
    await this.#heartbeats;
    await this.#consumer?.close({ deadlineMs: 1_000 });
  }

  async #register(signal: AbortSignal): Promise<void> {
    const probed = await this.services.driver.probe(signal);
    const facts = { ...probed, facts: { ...probed.facts, ...this.services.dataPlane.facts } };
    const registration = { node: this.services.node, incarnation: this.#incarnation, facts, plugins: this.plugins };
    for (;;) {
      try {
        await this.server.register(registration, signal);
        return;
      } catch (error) {
        signal.throwIfAborted();
        this.services.logger.debug('server does not answer yet', { reason: String(error) });
        await delay(250, undefined, { signal });
      }
    }
  }

  async #beat(): Promise<void> {
    const { signal } = this.#ended;
    while (!signal.aborted) {
      try {
        const workloads = (await this.services.launcher?.list(signal)) ?? [];
        const known = await this.server.heartbeat(
          { node: this.services.node, incarnation: this.#incarnation, workloads },
          signal,
        );
        if (!known) await this.#register(signal);
      } catch (error) {
        this.services.logger.debug('heartbeat not delivered', { reason: String(error) });
      }
      await delay(HEARTBEAT_MS, undefined, { signal }).catch(() => undefined);
    }
  }
}
