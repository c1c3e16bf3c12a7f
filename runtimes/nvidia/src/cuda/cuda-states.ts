// SPDX-License-Identifier: Apache-2.0
import { GritError } from '@grit/plugin-api';
import type { CudaState } from './checkpoint-api.js';

/** By CUprocessState; cuda-checkpoint prints the same words. */
const CUDA_STATES: readonly CudaState[] = ['running', 'locked', 'checkpointed', 'failed', 'checkpointing', 'restoring'];

/** The state that a number or a word of the driver stands for. Errors: GRIT_DEVICE_FAILED for one of a later driver. */
export function stateOf(said: number | string, pid: number): CudaState {
  const state = typeof said === 'number' ? CUDA_STATES[said] : CUDA_STATES.find((known) => known === said);
  if (state !== undefined) return state;
  throw new GritError(
    'GRIT_DEVICE_FAILED',
    `pid ${pid} is in a state that is not known here: ${JSON.stringify(said)}`,
    {
      hint: 'The driver is later than this version of GRIT knows: see the list of supported drivers.',
      details: { pid },
    },
  );
}
