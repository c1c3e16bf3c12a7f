// SPDX-License-Identifier: Apache-2.0
import { configSchema, type ConfigValues } from '@grit/plugin-api';
import { CONFIG as CRIU } from '@grit/runtime-criu';

/** The options of the plugin in grit.yaml: those of runtime-criu and these. */
export const CONFIG = configSchema({
  ...CRIU.options,
  libraryDirectory: {
    type: 'string',
    description: "Directory with the driver's libcuda.so.1 and libnvidia-ml.so.1; default: the usual places.",
    optional: true,
  },
  cudaCheckpoint: {
    type: 'string',
    description: 'The program cuda-checkpoint, to be used instead of the library.',
    optional: true,
  },
  lockTimeoutSeconds: {
    type: 'number',
    description: 'How long the work that a process has given to its GPU may take to end before a checkpoint gives up.',
    default: 10,
  },
  deviceTimeoutSeconds: {
    type: 'number',
    description: 'Longest time that the driver may take to move the memory of one process out of or into its GPUs.',
    default: 600,
  },
  gpuMap: {
    type: 'string',
    description: 'Which GPU takes the place of which at a restore: `OLD=NEW,OLD=NEW` with UUIDs; default: chosen.',
    optional: true,
  },
});

/** The options, filled in. */
export type NvidiaConfig = ConfigValues<(typeof CONFIG)['options']>;
