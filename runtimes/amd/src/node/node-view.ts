// SPDX-License-Identifier: Apache-2.0
import type { AmdConfig } from '../config.js';
import { readAmdgpuModule, type AmdgpuModule } from './amdgpu-module.js';
import { findCriuPlugin, pluginDirectories } from './criu-plugin.js';
import { readGpus, type AmdGpu } from './gpus.js';
import { readKernel, type Kernel } from './kernel.js';
import { NodeFiles } from './node-files.js';

/** Everything on a node that has to do with AMD GPUs and their checkpoints. */
export interface NodeView {
  readonly kernel: Kernel;
  readonly module: AmdgpuModule | undefined;
  readonly hasKfd: boolean;
  /** Names in /dev/dri, such as `renderD128`; other makes have such nodes, too. */
  readonly renderNodes: readonly string[];
  readonly gpus: readonly AmdGpu[];
  readonly pluginDirectories: readonly string[];
  /** Path of CRIU's plugin. */
  readonly plugin: string | undefined;
  /** Whether this process may use the calls that read and write the state of another process on a GPU. */
  readonly isPrivileged: boolean;
}

/** Reads files only: nothing is loaded, opened or changed. */
export async function readNode(config: AmdConfig): Promise<NodeView> {
  const files = new NodeFiles(config.root);
  const directories = pluginDirectories(config.criuPluginDirectory);
  const [kernel, module, hasKfd, dri, gpus, plugin, status] = await Promise.all([
    readKernel(files),
    readAmdgpuModule(files),
    files.has('/dev/kfd'),
    files.names('/dev/dri'),
    readGpus(files),
    findCriuPlugin(files, directories),
    new NodeFiles('/').text('/proc/self/status'),
  ]);
  const renderNodes = dri.filter((name) => /^renderD\d+$/.test(name));
  const isPrivileged = mayCheckpoint(status ?? '');
  return { kernel, module, hasKfd, renderNodes, gpus, pluginDirectories: directories, plugin, isPrivileged };
}

/** CAP_CHECKPOINT_RESTORE (40) or CAP_SYS_ADMIN (21). */
function mayCheckpoint(status: string): boolean {
  const effective = BigInt(`0x${/^CapEff:\s*([0-9a-f]+)$/m.exec(status)?.[1] ?? '0'}`);
  return ((effective >> 40n) & 1n) === 1n || ((effective >> 21n) & 1n) === 1n;
}
