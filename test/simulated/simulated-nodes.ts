// SPDX-License-Identifier: Apache-2.0
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from '@grit/plugin-api';
import { Informer, LEASES, NODES, type KubeClient, type KubeNode } from '@grit/plugin-kubernetes';
import { isReady, nodeObject, readyConditions, SIMULATED, type SimulatedNodeShape } from './node-object.js';
import type { Observer } from './observer.js';
import { SimulatedKubelets } from './simulated-kubelets.js';
import { StepBarriers } from './step-barriers.js';

const HEARTBEAT_MS = 10_000;
const LEASE_SECONDS = 40;

export interface SimulatedNodesOptions {
  /** With all rights: it is kubelet of all nodes at once. */
  readonly client: KubeClient;
  readonly names: readonly string[];
  readonly shape?: (name: string) => SimulatedNodeShape;
  /** From the deletion of a pod to the end of its processes; default 50 ms. */
  readonly graceMs?: number;
  readonly barriers?: StepBarriers;
  readonly logger: Logger;
}

/**
 * Nodes without machines, on a real API server: registered, with heartbeats that keep the node lifecycle controller content, and with
 * kubelets that drive their pods.
 */
export class SimulatedNodes {
  readonly names: readonly string[];
  readonly kubelets: SimulatedKubelets;
  readonly #nodes: Informer<KubeNode>;
  readonly #down = new Set<string>();
  readonly #end = new AbortController();
  #beating: Promise<void> = Promise.resolve();

  private constructor(private readonly options: SimulatedNodesOptions) {
    const { client, names, graceMs = 50, barriers = new StepBarriers(), logger } = options;
    this.names = names;
    this.kubelets = new SimulatedKubelets({ client, nodes: new Set(names), graceMs, barriers, logger });
    this.#nodes = new Informer(client, NODES, { labelSelector: SIMULATED }, logger);
  }

  /** Returns when all nodes are registered and their pods seen. */
  static async start(options: SimulatedNodesOptions, signal: AbortSignal): Promise<SimulatedNodes> {
    const nodes = new SimulatedNodes(options);
    await Promise.all(options.names.map((name) => nodes.#register(name, signal)));
    nodes.#nodes.start(nodes.#end.signal);
    await Promise.all([nodes.#nodes.synced, nodes.kubelets.start(nodes.#end.signal)]);
    nodes.#nodes.onChange(({ type, object }) => {
      if (type !== 'deleted') void nodes.#keepReady(object);
    });
    nodes.#beating = nodes.#beat();
    return nodes;
  }

  get observer(): Observer {
    return this.kubelets.processes.observer;
  }

  /** Its heartbeats stop, as those of a machine that has lost its network. Its pods go on. */
  cutOff(name: string): void {
    this.#down.add(name);
  }

  bringBack(name: string): void {
    this.#down.delete(name);
  }

  async stop(): Promise<void> {
    this.#end.abort();
    this.kubelets.stop();
    await this.#beating;
  }

  async #register(name: string, signal: AbortSignal): Promise<void> {
    const { client, shape = () => ({}) } = this.options;
    await client.create(NODES, nodeObject(name, shape(name), new Date()), {}, signal);
    const spec = { holderIdentity: name, leaseDurationSeconds: LEASE_SECONDS, renewTime: microTime(new Date()) };
    const metadata = { name, namespace: 'kube-node-lease' };
    const lease = { apiVersion: LEASES.apiVersion, kind: LEASES.kind, metadata, spec };
    await client.create(LEASES, lease, {}, signal);
  }

  async #beat(): Promise<void> {
    const { signal } = this.#end;
    while (await delay(HEARTBEAT_MS, true, { signal }).catch(() => false)) {
      const up = this.names.filter((name) => !this.#down.has(name));
      await Promise.all(up.map((name) => this.#renew(name, signal)));
      // What was missed while the API server was away.
      await Promise.all(this.#nodes.list().map((node) => this.#keepReady(node)));
    }
  }

  async #renew(name: string, signal: AbortSignal): Promise<void> {
    const body = { spec: { renewTime: microTime(new Date()) } };
    await this.options.client
      .patch(LEASES, { name, namespace: 'kube-node-lease' }, body, {}, signal)
      .catch((error: unknown) => this.options.logger.debug('heartbeat', { node: name, reason: String(error) }));
  }

  /** A kubelet that finds its node declared unready says that it is well. */
  async #keepReady(node: KubeNode): Promise<void> {
    const { name } = node.metadata;
    if (isReady(node) || this.#down.has(name) || !this.names.includes(name)) return;
    const body = { status: { conditions: readyConditions(new Date()) } };
    await this.options.client
      .patch(NODES, { name }, body, { subresource: 'status' }, this.#end.signal)
      .catch((error: unknown) => this.options.logger.debug('node status', { node: name, reason: String(error) }));
  }
}

/** metav1.MicroTime. */
function microTime(date: Date): string {
  return date.toISOString().replace('Z', '000Z');
}
