// SPDX-License-Identifier: Apache-2.0
import { GritError } from '@grit/plugin-api';

export const NOT_SUPPORTED = 3;
export const INSUFFICIENT_SIZE = 7;
export const FUNCTION_NOT_FOUND = 13;
export const GPU_IS_LOST = 15;

const NAMES: Readonly<Record<number, string>> = {
  1: 'NVML_ERROR_UNINITIALIZED',
  2: 'NVML_ERROR_INVALID_ARGUMENT',
  [NOT_SUPPORTED]: 'NVML_ERROR_NOT_SUPPORTED',
  4: 'NVML_ERROR_NO_PERMISSION',
  6: 'NVML_ERROR_NOT_FOUND',
  [INSUFFICIENT_SIZE]: 'NVML_ERROR_INSUFFICIENT_SIZE',
  8: 'NVML_ERROR_INSUFFICIENT_POWER',
  9: 'NVML_ERROR_DRIVER_NOT_LOADED',
  10: 'NVML_ERROR_TIMEOUT',
  11: 'NVML_ERROR_IRQ_ISSUE',
  12: 'NVML_ERROR_LIBRARY_NOT_FOUND',
  [FUNCTION_NOT_FOUND]: 'NVML_ERROR_FUNCTION_NOT_FOUND',
  [GPU_IS_LOST]: 'NVML_ERROR_GPU_IS_LOST',
  16: 'NVML_ERROR_RESET_REQUIRED',
  17: 'NVML_ERROR_OPERATING_SYSTEM',
  18: 'NVML_ERROR_LIB_RM_VERSION_MISMATCH',
  19: 'NVML_ERROR_IN_USE',
  20: 'NVML_ERROR_MEMORY',
  999: 'NVML_ERROR_UNKNOWN',
};

const HINTS: Readonly<Record<number, string>> = {
  9: 'Load the NVIDIA driver: `nvidia-smi` shows whether it works.',
  18: 'The library is of another version than the driver in the kernel: reboot the node, or unload the old driver.',
};

/** An answer of NVML other than success. */
export function nvmlError(call: string, result: number): GritError {
  const resultName = NAMES[result] ?? `nvmlReturn ${result}`;
  return new GritError('GRIT_DEVICE_UNAVAILABLE', `${call}: ${resultName}`, {
    hint: HINTS[result] ?? '`nvidia-smi` on the node shows whether the driver works.',
    details: { call, result, resultName },
  });
}
