// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import type { Cluster, ClusterNode } from '../../cluster/index.js';
import { SimGpu, type SimGpuOptions } from '../../fixtures/simgpu/index.js';
import type { NodeRuntime } from '../kubernetes/node-agent-process.js';
import type { Allocation } from './device-plugin-api.js';
import { DevicePlugin } from './device-plugin.js';

/** What containers ask for. */
export const GPU_RESOURCE = 'nvidia.com/gpu';
/** Where a container that has a GPU finds the driver's libraries, and `simgpu-count`. */
export const DRIVER_FOLDER = '/usr/local/nvidia';

/** The simulated GPUs of a node, offered to its kubelet as those of a real one are. */
export class NodeGpus {
  private constructor(
    private readonly node: ClusterNode,
    readonly gpus: SimGpu,
    readonly plugin: DevicePlugin,
  ) {}

  /** Returns when the kubelet of the node, which must be at work, has heard of them. UUIDs and buses are the node's own. */
  static async start(
    node: ClusterNode,
    options: Pick<SimGpuOptions, 'gpus' | 'minorBase'>,
    signal: AbortSignal,
  ): Promise<NodeGpus> {
    const directory = join(node.directory, 'simgpu');
    const gpus = await SimGpu.start({ ...options, directory, uuidSeed: node.name });
    try {
      const plugin = await DevicePlugin.start(
        {
          folder: join(node.directory, 'root/var/lib/kubelet/device-plugins'),
          resource: GPU_RESOURCE,
          devices: gpus.gpus.map(({ uuid }) => uuid),
          allocate: (uuids) => allocate(gpus, uuids),
        },
        signal,
      );
      return new NodeGpus(node, gpus, plugin);
    } catch (error) {
      await gpus.stop();
      throw error;
    }
  }

  /** The UUIDs of all of them. */
  get uuids(): readonly string[] {
    return this.gpus.gpus.map(({ uuid }) => uuid);
  }

  /** Returns when the scheduler can give them to pods. */
  async untilAllocatable(cluster: Cluster): Promise<void> {
    const path = `{.status.allocatable.${GPU_RESOURCE.replaceAll('.', '\\.')}}`;
    const condition = `--for=jsonpath=${path}=${this.uuids.length}`;
    await cluster.kubectl('wait', `node/${this.node.name}`, condition, '--timeout=180s');
  }

  async stop(): Promise<void> {
    await this.plugin.stop();
    await this.gpus.stop();
  }
}

/** What an agent on a node with these GPUs is to have, with the driver's libraries in a place of their own. */
export function gpuRuntime({ gpus }: NodeGpus): NodeRuntime {
  return {
    use: '@grit/runtime-nvidia',
    config: { libraryDirectory: gpus.files.libraries, memoryLimits: 'raise' },
    environment: { SIMGPU_DIR: gpus.directory },
  };
}

function allocate({ directory, files, gpus }: SimGpu, uuids: readonly string[]): Allocation {
  const minors = gpus.filter(({ uuid }) => uuids.includes(uuid)).map(({ minor }) => `nvidia${minor}`);
  return {
    envs: { NVIDIA_VISIBLE_DEVICES: uuids.join(), LD_LIBRARY_PATH: `${DRIVER_FOLDER}/lib` },
    mounts: [
      { containerPath: '/dev/nvidia-sim', hostPath: directory, readOnly: false },
      { containerPath: DRIVER_FOLDER, hostPath: files.directory, readOnly: true },
    ],
    devices: ['nvidiactl', ...minors].map((name) => ({
      containerPath: `/dev/${name}`,
      hostPath: join(directory, 'dev', name),
      permissions: 'rw',
    })),
  };
}
