// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import { pythonImage } from '../../cluster/index.js';
import { until } from '../../cluster/until.js';
import { asList } from '../../workloads/manifests.js';
import { provideImages, provideShared } from '../../workloads/provide.js';
import { RealPlatform } from '../kubernetes/real-platform.js';
import { gpuContainer, gpuPod, type GpuCounter } from './gpu-count.js';
import { readGpuLog } from './gpu-log.js';
import { gpuRuntime, NodeGpus } from './node-gpus.js';

const GPUS = 3;

/** Two real nodes with simulated GPUs, whose agents have the runtime for them. */
export class GpuPlatform {
  private constructor(
    readonly real: RealPlatform,
    private readonly gpus: ReadonlyMap<string, NodeGpus>,
    /** Folder behind the claim of all pods. */
    readonly shared: string,
    private readonly signal: AbortSignal,
  ) {}

  static async start(nodes: readonly string[], signal: AbortSignal): Promise<GpuPlatform> {
    const gpus = new Map<string, NodeGpus>();
    let real: RealPlatform | undefined;
    try {
      real = await RealPlatform.start(nodes, signal, {
        runtime: async (node) => {
          // The device nodes of the one have other names than those of the other.
          const started = await NodeGpus.start(node, { gpus: GPUS, minorBase: gpus.size * 4 }, signal);
          gpus.set(node.name, started);
          return gpuRuntime(started);
        },
      });
      const { cluster } = real;
      await provideImages(cluster, nodes, [await pythonImage(signal)]);
      const platform = new GpuPlatform(real, gpus, await provideShared(cluster), signal);
      await real.makeStore(join(cluster.directory, 'store'));
      await Promise.all([...gpus.values()].map((each) => each.untilAllocatable(cluster)));
      return platform;
    } catch (error) {
      for (const each of gpus.values()) await each.stop();
      await real?.stop();
      throw error;
    }
  }

  async stop(): Promise<void> {
    for (const each of this.gpus.values()) await each.stop();
    await this.real.stop();
  }

  gpusOf(node: string): NodeGpus {
    const gpus = this.gpus.get(node);
    if (gpus === undefined) throw new Error(`there are no GPUs on node ${node}`);
    return gpus;
  }

  /** The node of a pod, and the other one. */
  async nodesOf(pod: string): Promise<{ readonly source: string; readonly target: string }> {
    const source = await this.real.valueOf(`pod/${pod}`, '{.spec.nodeName}');
    const target = [...this.gpus.keys()].find((node) => node !== source);
    if (target === undefined) throw new Error(`there is no node but ${source}`);
    return { source, target };
  }

  /** Makes a pod with a container, and a GPU, for each group of processes; returns when all of them count. */
  async run(pod: string, ...containers: readonly (readonly GpuCounter[])[]): Promise<void> {
    const described = containers.map((counters, index) => gpuContainer(`${pod}-${index}`, counters));
    await this.real.cluster.kubectlApply(asList(gpuPod(pod, described)));
    await this.untilTheyCount(containers.flat());
  }

  /** Returns when each of them has done some steps more. */
  async untilTheyCount(counters: readonly GpuCounter[], steps = 10): Promise<void> {
    const done = (): readonly number[] => counters.map((counter) => readGpuLog(this.shared, counter).length);
    const before = done();
    const haveCounted = async (): Promise<boolean> => done().every((now, index) => now >= before[index]! + steps);
    await until(`${counters.map(({ log }) => log).join(' and ')} count`, this.signal, haveCounted);
  }

  /** Makes a Migration. */
  async order(name: string, pod: string, node: string): Promise<void> {
    const metadata = { name, namespace: 'default' };
    const spec = { podName: pod, nodeName: node };
    await this.real.cluster.kubectlApply(
      JSON.stringify({ apiVersion: 'kaito.sh/v1alpha1', kind: 'Migration', metadata, spec }),
    );
  }

  /** How a Migration has ended, with the code of its error. */
  async outcomeOf(name: string): Promise<string> {
    await this.real.wait(`migration/${name}`, 'jsonpath={.status.finishedAt}');
    return this.real.valueOf(`migration/${name}`, '{.status.phase} {.status.error.code}');
  }

  /** Returns when no process uses the GPUs of a node. */
  async untilFree(node: string): Promise<void> {
    const { gpus } = this.gpusOf(node);
    await until(`nothing uses the GPUs of ${node}`, this.signal, async () => (await gpus.processes()).length === 0);
  }

  /** Ends a pod; returns when its GPUs are free. */
  async end(pod: string): Promise<void> {
    const { source } = await this.nodesOf(pod);
    await this.real.kubectl('delete', 'pod', pod, '--timeout=180s');
    await this.untilFree(source);
  }
}
