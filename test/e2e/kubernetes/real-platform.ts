// SPDX-License-Identifier: Apache-2.0
import { mkdtemp, rm } from 'node:fs/promises';
import { EmbeddedRedis } from '@grit/queue';
import { startCluster, type Cluster, type ClusterNode } from '../../cluster/index.js';
import { ControllerProcess } from './controller-process.js';
import { installGrit } from './install.js';
import { NodeAgentProcess, type NodeRuntime } from './node-agent-process.js';
import { NodePlatform } from './node-platform.js';

const NAMESPACE = 'grit-system';

export interface RealPlatformOptions {
  /** What a node, which is at work, runs its containers with; default: runtime-criu. */
  readonly runtime?: (node: ClusterNode) => Promise<NodeRuntime>;
}

/** Real nodes with stock containerd and kubelet, the controller and the agent of each node as processes with the rights that they have in a cluster. */
export class RealPlatform extends NodePlatform {
  readonly #stops: (() => Promise<unknown>)[] = [];
  readonly #agents = new Map<string, NodeAgentProcess>();

  private constructor(
    cluster: Cluster,
    /** State directory of the Redis. */
    readonly directory: string,
  ) {
    super(cluster);
  }

  static async start(
    nodes: readonly string[],
    signal: AbortSignal,
    options: RealPlatformOptions = {},
  ): Promise<RealPlatform> {
    const cluster = await startCluster({ nodes }, signal);
    // Short: the paths of sockets are limited to 107 bytes.
    const platform = new RealPlatform(cluster, await mkdtemp('/var/tmp/grit-'));
    platform.#stops.push(
      () => cluster.stop(),
      () => rm(platform.directory, { recursive: true, force: true }),
    );
    try {
      await platform.#start(nodes, signal, options);
      return platform;
    } catch (error) {
      const tail = await platform.logTails(40);
      await platform.stop();
      throw new Error(`the platform did not start\n${tail}`, { cause: error });
    }
  }

  #controller: ControllerProcess | undefined;
  #redis: EmbeddedRedis | undefined;

  get controller(): ControllerProcess {
    if (this.#controller === undefined) throw new Error('the controller was not started');
    return this.#controller;
  }

  agent(node: string): NodeAgentProcess {
    const agent = this.#agents.get(node);
    if (agent === undefined) throw new Error(`there is no agent on node ${node}`);
    return agent;
  }

  /** Ends the queue and starts it anew, with what it has on its disk. */
  async restartRedis(): Promise<void> {
    await this.#redis?.stop();
    this.#redis = await EmbeddedRedis.start({ stateDirectory: this.directory }, AbortSignal.timeout(60_000));
  }

  async logTails(lines: number): Promise<string> {
    const named = [['controller', this.#controller] as const, ...this.#agents];
    const tails = named.map(async ([name, process]) => `${name}:\n${(await process?.logTail(lines)) ?? ''}`);
    return (await Promise.all(tails)).join('\n');
  }

  async stop(): Promise<void> {
    for (const agent of this.#agents.values()) await agent.kill();
    for (const each of this.#stops.splice(0).reverse()) await each();
  }

  async #start(nodes: readonly string[], signal: AbortSignal, options: RealPlatformOptions): Promise<void> {
    const { cluster, directory } = this;
    await installGrit(cluster, signal);
    this.#redis = await EmbeddedRedis.start({ stateDirectory: directory }, signal);
    this.#stops.push(async () => this.#redis?.stop());
    for (const name of nodes) {
      const kubeconfig = await cluster.kubeconfigFor({ namespace: NAMESPACE, name: 'grit-agent' }, { node: name });
      const node = cluster.node(name);
      const runtime = await options.runtime?.(node);
      const described = { node, redisOf: directory, kubeconfig, ...(runtime === undefined ? {} : { runtime }) };
      const agent = await NodeAgentProcess.make(described);
      this.#agents.set(name, agent);
    }
    this.#controller = await ControllerProcess.make({
      name: 'controller',
      directory,
      redisOf: directory,
      kubeconfig: await cluster.kubeconfigFor({ namespace: NAMESPACE, name: 'grit-controller' }),
      address: cluster.address,
      config: { claimPod: { image: 'localhost/pause:1' } },
    });
    this.#stops.push(() => this.controller.kill());
    await Promise.all([this.controller.start(), ...[...this.#agents.values()].map((agent) => agent.start())]);
    for (const name of nodes) await this.wait(`gritnode/${name}`, 'jsonpath={.status.phase}=Ready');
  }
}
