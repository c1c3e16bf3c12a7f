// SPDX-License-Identifier: Apache-2.0
import type { NodeView } from './node-view.js';

const GIB = 2 ** 30;

/** What `grit doctor` shows of a node that has such GPUs, or lacks them. */
export function nodeFacts({ kernel, module, gpus, hasKfd, plugin, renderNodes }: NodeView): Record<string, string> {
  const facts: Record<string, string> = {
    kernel: kernel.release,
    arch: process.arch,
    amdgpu: module === undefined ? 'not loaded' : (module.version ?? 'of the kernel'),
    kfd: hasKfd ? '/dev/kfd' : 'none',
    'render-nodes': renderNodes.join(' ') || 'none',
    'amd-gpus': String(gpus.length),
    'criu-amdgpu-plugin': plugin ?? 'none',
  };
  for (const [index, { name, target, memoryBytes }] of gpus.entries()) {
    facts[`amd-gpu-${index}`] = [name, target, `${Math.round(memoryBytes / GIB)} GiB`].filter(Boolean).join(' ');
  }
  return Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== ''));
}
