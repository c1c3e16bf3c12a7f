// SPDX-License-Identifier: Apache-2.0
import type { KubeCommand } from '../command.js';
import { STORAGE_OPTIONS, WAIT_OPTIONS } from '../options.js';

/** `kubectl grit checkpoint`. */
export const command: KubeCommand = {
  name: 'checkpoint',
  summary: 'freeze a running pod, store its state, verify what was stored, let it run on',
  arguments: [{ name: 'POD', required: true, completes: 'pods' }],
  options: [
    ...STORAGE_OPTIONS,
    { name: 'stop', summary: 'the pod stays frozen until its image is stored, and is then evicted' },
    {
      name: 'ttl',
      value: 'DURATION',
      summary: 'how long the Checkpoint is kept, like 72h (default: until it is deleted)',
    },
    {
      name: 'name',
      value: 'NAME',
      summary: 'name of the Checkpoint; one that is there goes on (default: POD-1, POD-2, …)',
    },
    ...WAIT_OPTIONS,
  ],
  examples: ['kubectl grit checkpoint train-0 --wait', 'kubectl grit checkpoint train-0 --claim ckpt --stop'],
  async run(invocation, context) {
    const { checkpointPod } = await import('../order/checkpoint-pod.js');
    return await checkpointPod(invocation, context);
  },
};
