// SPDX-License-Identifier: Apache-2.0
import { GritError, toGritError as fromCore, type ErrorCode } from '@grit/plugin-api';
import { CudaError } from './cuda-error.js';
import { meaningOf, NOT_INITIALIZED, NOT_READY, NOT_SUPPORTED } from './cuda-results.js';

/**
 * An answer of the driver as the error that leaves the package: GRIT_DEVICE_BUSY (a lock that waited in vain), GRIT_DEVICE_UNAVAILABLE (the driver
 * cannot do it at all), else GRIT_DEVICE_FAILED. Whether a process is lost is known only by the caller. Other errors are kept as they are.
 */
export function toGritError(error: unknown): GritError {
  if (!(error instanceof CudaError)) return fromCore(error, 'GRIT_DEVICE_FAILED');
  const { result, resultName, call, pid } = error;
  return new GritError(codeOf(error), error.message, {
    hint: meaningOf(result).hint,
    details: { call, pid, result, resultName },
    cause: error,
  });
}

function codeOf({ result, call }: CudaError): ErrorCode {
  if (result === NOT_READY && call === 'cuCheckpointProcessLock') return 'GRIT_DEVICE_BUSY';
  if (result === NOT_SUPPORTED || result === NOT_INITIALIZED) return 'GRIT_DEVICE_UNAVAILABLE';
  return 'GRIT_DEVICE_FAILED';
}
