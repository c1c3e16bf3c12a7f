// SPDX-License-Identifier: Apache-2.0
import { meaningOf } from './cuda-results.js';

/** An answer of the CUDA driver other than success. */
export class CudaError extends Error {
  /** `CUDA_ERROR_NOT_READY`; `CUresult 12345` for one that is not known here. */
  readonly resultName: string;

  /**
   * @param result - the CUresult
   * @param call - the function that gave it: `cuCheckpointProcessLock`
   * @param pid - the process that it was called for
   * @param said - what the program cuda-checkpoint wrote, where that was asked
   */
  constructor(
    readonly result: number,
    readonly call: string,
    readonly pid: number,
    said?: string,
  ) {
    const { name, meaning } = meaningOf(result);
    super(`${call} for pid ${pid}: ${name} (${said ?? meaning})`);
    this.name = 'CudaError';
    this.resultName = name;
  }
}
