// SPDX-License-Identifier: Apache-2.0
import { configSchema, type ConfigValues } from '@grit/plugin-api';

/** The options of the plugin in grit.yaml. */
export const CONFIG = configSchema({
  criuDirectory: {
    type: 'string',
    description: 'Directory with the criu program; default: the one that the set-up made in ~/.cache/grit, then PATH.',
    optional: true,
  },
  runc: { type: 'string', description: 'The runc program: a name in PATH or an absolute path.', default: 'runc' },
  scratchGiB: {
    type: 'number',
    description: 'Most that one workload may write into its root, where that is a sparse disk image.',
    default: 64,
  },
  ghostLimitMiB: {
    type: 'number',
    description: 'Largest deleted file that a process may still have open.',
    default: 512,
  },
  dumpTimeoutSeconds: {
    type: 'number',
    description: 'Most time that CRIU may take to stop the processes.',
    default: 60,
  },
  pages: {
    type: 'string',
    description: 'How the memory gets into the image: `stream`, as it is dumped, or `files`, over the local disk.',
    oneOf: ['stream', 'files'],
    default: 'stream',
  },
  memoryLimits: {
    type: 'string',
    description:
      'Where the state of devices does not fit the memory limits of container and pod: `keep` refuses the checkpoint, `raise` raises them for the time of the operation.',
    oneOf: ['keep', 'raise'],
    default: 'keep',
  },
  containerd: {
    type: 'string',
    description: 'The socket of containerd on this node: with it, the workloads are the pods of the node.',
    optional: true,
  },
  runDirectory: {
    type: 'string',
    description: 'Where the wrapper of runc meets the agent.',
    default: '/run/grit',
  },
  wrapper: {
    type: 'string',
    description:
      'The file that the agent writes at its start, for containerd to start in place of runc; default: none.',
    optional: true,
  },
  startPatienceSeconds: {
    type: 'number',
    description:
      'How long the start of a pod waits for its restore before its events say so and the kubelet tries again; it gives up itself after 120.',
    default: 90,
  },
  kubeletDirectory: {
    type: 'string',
    description: 'The root directory of the kubelet, with the volumes of the pods.',
    default: '/var/lib/kubelet',
  },
});

/** The options, filled in. */
export type RuntimeConfig = ConfigValues<(typeof CONFIG)['options']>;
