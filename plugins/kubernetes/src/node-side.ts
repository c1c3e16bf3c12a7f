// SPDX-License-Identifier: Apache-2.0
import type { HostInfo, JobQueue, Logger, NodeSteps } from '@grit/plugin-api';
import { runNodeAgent } from './agent/run-node-agent.js';
import type { KubernetesConfig } from './config-schema.js';
import { aborted } from './kit/aborted.js';
import { KubeClient } from './kit/kube-client.js';
import { refuseDeleted } from './node/deleted-at-the-gate.js';
import { nodeReport } from './node/node-report.js';
import { stepHandlers } from './node/step-handlers.js';
import { StoreSecrets } from './node/store-secrets.js';

const COMPONENT = 'grit-agent';

/** What the node side works with. */
export interface NodeSideServices {
  readonly host: HostInfo;
  readonly queue: JobQueue;
  readonly steps: NodeSteps;
  readonly logger: Logger;
}

/** The cluster's side of an agent: does on its node what objects order. */
export class NodeSide {
  readonly #ended = new AbortController();
  readonly #client: KubeClient;
  #running: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly settings: KubernetesConfig,
    private readonly services: NodeSideServices,
  ) {
    this.#client = KubeClient.fromConfig({ kubeconfig: settings.kubeconfig, userAgent: COMPONENT });
  }

  /** Begins; the agent is at work when its other plugins have started and the API server answers. */
  start(): void {
    const { host, queue, steps, logger } = this.services;
    const { namespace, nodeLeaseSeconds, secretsDirectory } = this.settings;
    const { signal } = this.#ended;
    const client = this.#client;
    const agent = runNodeAgent({
      client,
      queue,
      node: host.node,
      handlers: stepHandlers(steps, client, new StoreSecrets(secretsDirectory)),
      facts: async (asked) => nodeReport(host, await steps.probe(asked)),
      namespace,
      logger,
      signal,
      settings: { leaseSeconds: nodeLeaseSeconds, leaseRenewMs: (nodeLeaseSeconds * 1_000) / 4 },
      onReady: () => logger.info('node at work', { node: host.node }),
    });
    this.#running = Promise.all([agent, refuseDeleted(steps, client, logger, signal)]).catch((error: unknown) => {
      if (!signal.aborted) logger.error('the node side has ended', { reason: String(error) });
    });
  }

  /** Steps under way stay unfinished: the next agent goes on with them. The signal is the deadline. */
  async stop(signal: AbortSignal): Promise<void> {
    this.#ended.abort(new Error('the agent ends'));
    await Promise.race([this.#running, aborted(signal)]);
    await this.#client.close();
  }
}
