// SPDX-License-Identifier: Apache-2.0
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { JsonObject } from '@grit/plugin-api';
import type { ClusterNode } from '../../cluster/index.js';
import { until } from '../../integration/machine/until.js';
import { GRIT, GritProcess } from './grit-process.js';

/** What a node runs its containers with. */
export interface NodeRuntime {
  /** Package of the plugin; default @grit/runtime-criu. */
  readonly use?: string;
  /** Of the plugin, laid over what is set here. */
  readonly config?: JsonObject;
  /** Variables of the agent. */
  readonly environment?: Readonly<Record<string, string>>;
}

export interface NodeAgentOptions {
  readonly node: ClusterNode;
  /** State directory whose Redis is the queue. */
  readonly redisOf: string;
  /** Of ServiceAccount grit-agent, bound to the node. */
  readonly kubeconfig: string;
  readonly runtime?: NodeRuntime;
}

/** `grit agent --no-server` on a node of the cluster: a process of its own, as in the pod of a DaemonSet with the rights that it needs. */
export class NodeAgentProcess extends GritProcess {
  private constructor(
    private readonly node: ClusterNode,
    private readonly environment: Readonly<Record<string, string>>,
  ) {
    super(join(node.directory, 'grit'), 'agent.log');
  }

  /** Its files; the process is not started. */
  static async make({ node, redisOf, kubeconfig, runtime = {} }: NodeAgentOptions): Promise<NodeAgentProcess> {
    const agent = new NodeAgentProcess(node, runtime.environment ?? {});
    const { directory } = agent;
    await mkdir(directory, { recursive: true });
    await symlink(join(redisOf, 'redis'), join(directory, 'redis'));
    const criu = {
      containerd: node.containerdSocket,
      runDirectory: join(node.directory, 'grit-run'),
      wrapper: join(node.directory, 'runc-grit'),
      ...runtime.config,
    };
    const plugins = {
      'runtime-criu': { use: runtime.use ?? '@grit/runtime-criu', config: criu },
      store: { use: '@grit/storage-pvc', config: { path: join(directory, 'images') } },
      kubernetes: { use: '@grit/plugin-kubernetes', config: { kubeconfig } },
    };
    await writeFile(join(directory, 'grit.yaml'), JSON.stringify({ plugins, log: { level: 'debug' } }));
    return agent;
  }

  /** Returns when it has published its node and listens. */
  async start(): Promise<void> {
    const before = (await this.log()).length;
    const config = join(this.directory, 'grit.yaml');
    const args = ['agent', '--no-server', '--node', this.node.name, '--state-dir', this.directory, '--config', config];
    await this.spawn([...this.node.enter, process.execPath, GRIT, ...args], this.environment);
    await until(`the agent of ${this.node.name} is at work`, async () => {
      if (!this.isRunning) throw new Error(`the agent of ${this.node.name} ended: ${await this.logTail()}`);
      return (await this.log()).slice(before).includes('node at work');
    });
  }
}
