// SPDX-License-Identifier: Apache-2.0
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Cluster, ClusterNode } from '../../cluster/index.js';
import type { GritImages } from '../../cluster/grit-image.js';
import { routeService } from '../../cluster/route-service.js';
import { CHART, helm, NAMESPACE } from './helm.js';

const REDIS = { namespace: NAMESPACE, name: 'grit-redis', port: 6379, targetPort: 6379 };

/** The chart on a cluster that has no handler of ours: the images of this checkout, and what an administrator does with it. */
export class Release {
  private constructor(
    private readonly cluster: Cluster,
    private readonly nodes: readonly ClusterNode[],
    /** File with the values that fit the images. */
    readonly values: string,
  ) {}

  /** Brings the images to the nodes, and makes the namespace. */
  static async prepare(cluster: Cluster, names: readonly string[], images: GritImages): Promise<Release> {
    const nodes = names.map((name) => cluster.node(name));
    for (const node of nodes) for (const image of [images.grit, images.claim]) await node.importImage(image);
    const values = join(cluster.directory, 'values.json');
    await writeFile(values, JSON.stringify(images.values));
    await cluster.kubectl('create', 'namespace', NAMESPACE);
    return new Release(cluster, nodes, values);
  }

  kubectl(...args: string[]): Promise<string> {
    return this.cluster.kubectl('--namespace', NAMESPACE, ...args);
  }

  /** `helm install` or `upgrade`, with these values beside those of the file; resolves with what it says. */
  run(command: 'install' | 'upgrade', values: readonly string[] = [], ...more: string[]): Promise<string> {
    const set = values.flatMap((value) => ['--set', value]);
    return helm(this.cluster, command, 'grit', CHART, '--values', this.values, ...set, ...more);
  }

  /** What the chart makes of these values. */
  template(values: readonly string[] = []): Promise<string> {
    const set = values.flatMap((value) => ['--set', value]);
    return helm(this.cluster, 'template', 'grit', CHART, '--values', this.values, ...set);
  }

  /** Returns when everything of the release is there and the agents are Ready. */
  async untilAtWork(): Promise<void> {
    for (const rollout of ['deployment/grit-server', 'statefulset/grit-redis', 'daemonset/grit-agent']) {
      await this.kubectl('rollout', 'status', rollout, '--timeout=240s').catch(async (error: unknown) => {
        throw new Error(`${String(error)}\n${await this.state()}`, { cause: error });
      });
    }
    await routeService(this.cluster, this.nodes, REDIS);
    await this.wait('gritnode', ...this.nodes.map(({ name }) => name), '--for=jsonpath={.status.phase}=Ready');
  }

  /** `kubectl wait`; fails with what the pods of the release say. */
  async wait(...args: string[]): Promise<void> {
    await this.cluster.kubectl('wait', '--timeout=180s', ...args).catch(async (error: unknown) => {
      throw new Error(`${String(error)}\n${await this.state()}`, { cause: error });
    });
  }

  async state(): Promise<string> {
    const pods = await this.cluster.kubectl('get', 'pods,gn,ckpt', '-A', '-o', 'wide').catch(String);
    const events = await this.kubectl('get', 'events').catch(String);
    return `${pods}\n${events.slice(-6_000)}\n${(await this.logs(30)).slice(-12_000)}`;
  }

  /** The last lines of each container. */
  logs(lines: number): Promise<string> {
    const selector = ['--selector', 'app.kubernetes.io/part-of=grit', '--prefix', `--tail=${lines}`];
    return this.kubectl('logs', ...selector, '--all-containers', '--ignore-errors').catch(String);
  }
}
