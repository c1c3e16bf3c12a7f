// SPDX-License-Identifier: Apache-2.0
import type { NodeProblem } from '@grit/plugin-api';
import { PLUGIN } from './criu-plugin.js';
import { isAtLeast } from './kernel.js';
import type { NodeView } from './node-view.js';

/** Why nothing works, on every node; the others are what this node would lack even if GRIT could. */
export const NOT_YET: NodeProblem = {
  message: 'GRIT cannot checkpoint workloads with AMD GPUs yet: runtime-amd only looks at the node',
  hint:
    'Wanted: a device driver around the amdgpu plugin of CRIU; the README of @grit/runtime-amd has the list. ' +
    'For workloads without a GPU, take runtime-amd out of grit.yaml: runtime-criu is the default.',
};

/** What is missing or wrong here, the first thing to mend first. */
export function nodeProblems(node: NodeView): readonly NodeProblem[] {
  return [NOT_YET, ...driverProblems(node), ...kernelProblems(node), ...toolProblems(node)];
}

function driverProblems({ module, hasKfd, kernel, gpus, renderNodes }: NodeView): NodeProblem[] {
  if (module === undefined) {
    return [
      {
        message: `no AMD GPU: the kernel driver amdgpu is not loaded${hasKfd ? '' : ', and there is no /dev/kfd'}`,
        hint: 'modprobe amdgpu, if the node has such a GPU; else nothing here is of use to it.',
      },
    ];
  }
  if (!hasKfd) {
    const isBuiltWithout = kernel.options !== undefined && kernel.options.get('CONFIG_HSA_AMD') !== 'y';
    return [
      {
        message: `there is no /dev/kfd${isBuiltWithout ? ': the kernel was built without CONFIG_HSA_AMD' : ''}`,
        hint: "A kernel with CONFIG_HSA_AMD=y has it, and AMD's own driver (amdgpu-dkms); in a container it must be passed in.",
      },
    ];
  }
  const problems: NodeProblem[] = [];
  if (gpus.length === 0) {
    const message = 'the compute driver (KFD) lists no GPU that this process may see';
    problems.push({
      message,
      hint: '/sys/class/kfd/kfd/topology/nodes should list them; dmesg tells why it does not.',
    });
  }
  for (const { node, target, renderMinor } of gpus) {
    if (!renderNodes.includes(`renderD${renderMinor}`)) {
      const message = `the render node of GPU ${node}, /dev/dri/renderD${renderMinor}, is not there`;
      problems.push({
        message,
        hint: 'The memory of a GPU is mapped through it: in a container it must be passed in.',
      });
    }
    if (!/^gfx9[0-9a-f]{2}$/.test(target)) {
      const message = `GPU ${node} is ${target}; the amdgpu plugin of CRIU names gfx9 as what it supports`;
      problems.push({ message, hint: 'An Instinct of the series MI50 to MI300 is gfx9.' });
    }
  }
  return problems;
}

function kernelProblems({ kernel: { release, options }, module }: NodeView): NodeProblem[] {
  const problems: NodeProblem[] = [];
  // AMD's own build brings the calls to older kernels.
  if (module?.version === undefined && !isAtLeast(release, 5, 18)) {
    problems.push({
      message: `the amdgpu driver of Linux ${release} has no calls to save and restore the state of a process`,
      hint: "Linux 5.18 has them, and later releases of AMD's own driver (amdgpu-dkms); 6.18 has those for shared buffers, too.",
    });
  }
  if (options !== undefined && options.get('CONFIG_CHECKPOINT_RESTORE') !== 'y') {
    const message = 'the kernel was built without CONFIG_CHECKPOINT_RESTORE';
    problems.push({ message, hint: 'CRIU needs it; kernels of distributions have it.' });
  }
  return problems;
}

function toolProblems({ plugin, pluginDirectories, isPrivileged }: NodeView): NodeProblem[] {
  const problems: NodeProblem[] = [];
  if (plugin === undefined) {
    problems.push({
      message: `CRIU's ${PLUGIN} is not in ${pluginDirectories.join(', ')}`,
      hint: 'Fedora has it as criu-amdgpu-plugin; `make amdgpu_plugin` in the sources of CRIU builds it (needs libdrm). Elsewhere: criuPluginDirectory.',
    });
  }
  if (!isPrivileged) {
    const message = 'this process has neither CAP_CHECKPOINT_RESTORE nor CAP_SYS_ADMIN';
    problems.push({
      message,
      hint: 'The compute driver gives the state of a process to nobody else: run the agent as root.',
    });
  }
  return problems;
}
