// SPDX-License-Identifier: Apache-2.0
import type { KubeCommand } from '../command.js';
import { WAIT_OPTIONS } from '../options.js';

/** `kubectl grit resume`. */
export const command: KubeCommand = {
  name: 'resume',
  summary: 'let a pod that a checkpoint or a move holds frozen go on where it is; the move is given up',
  arguments: [{ name: 'CHECKPOINT|POD', required: true, completes: 'moves' }],
  options: WAIT_OPTIONS.filter(({ name }) => name === 'timeout'),
  examples: ['kubectl grit resume train-0', 'kubectl grit resume checkpoint/train-0-1'],
  async run(invocation, context) {
    const { resumeSource } = await import('../order/resume-source.js');
    return await resumeSource(invocation, context);
  },
};
