// SPDX-License-Identifier: Apache-2.0
import { GritError } from '@grit/plugin-api';
import type { GpuPair } from './checkpoint-api.js';
import { UUID_BYTES, uuidFromBytes, uuidToBytes } from './gpu-uuid.js';

/** Size of each argument struct, in all versions. What is not named here is reserved and has to be zero. */
const ARGS_BYTES = 64;
const MAX_TIMEOUT_MS = 0xffff_ffff;

/** cuDriverGetVersion of the first driver that restores to other GPUs. */
const FIRST_API_WITH_PAIRS = 13_000;

/** CUcheckpointLockArgs. @param timeoutMs - at least 1: with 0 the driver would wait for ever. */
export function lockArgs(timeoutMs: number): Buffer {
  if (!Number.isInteger(timeoutMs) || timeoutMs < 1 || timeoutMs > MAX_TIMEOUT_MS) {
    throw new RangeError(`the timeout of a lock is ${timeoutMs} ms`);
  }
  const args = Buffer.alloc(ARGS_BYTES);
  args.writeUInt32LE(timeoutMs);
  return args;
}

/** CUcheckpointCheckpointArgs; from 13.4 on zero means that the memory goes into the process, as before. */
export function checkpointArgs(): Buffer {
  return Buffer.alloc(ARGS_BYTES);
}

/** CUcheckpointUnlockArgs. */
export function unlockArgs(): Buffer {
  return Buffer.alloc(ARGS_BYTES);
}

/**
 * CUcheckpointRestoreArgs. What lies behind the count was moved from version to version, the first twelve bytes never were.
 * @param address - where the pairs are: {@link gpuPairs}
 */
export function restoreArgs(address: bigint, count: number): Buffer {
  const args = Buffer.alloc(ARGS_BYTES);
  args.writeBigUInt64LE(address);
  args.writeUInt32LE(count, 8);
  return args;
}

/** An array of CUcheckpointGpuPair. */
export function gpuPairs(pairs: readonly GpuPair[]): Buffer {
  return Buffer.concat(pairs.flatMap(({ from, to }) => [uuidToBytes(from), uuidToBytes(to)]));
}

/** Reads what {@link gpuPairs} wrote. */
export function readGpuPairs(bytes: Uint8Array): GpuPair[] {
  const at = (index: number): string => uuidFromBytes(bytes.subarray(index * UUID_BYTES, (index + 1) * UUID_BYTES));
  return Array.from({ length: bytes.length / (2 * UUID_BYTES) }, (_, index) => ({
    from: at(2 * index),
    to: at(2 * index + 1),
  }));
}

/**
 * The pairs that this driver is to be given: none where every GPU stays the same, which every driver can do.
 * Errors: GRIT_DEVICE_UNAVAILABLE when it cannot do more than that.
 */
export function pairsFor(apiVersion: number, pairs: readonly GpuPair[]): readonly GpuPair[] {
  if (pairs.every(({ from, to }) => from.toLowerCase() === to.toLowerCase())) return [];
  if (apiVersion >= FIRST_API_WITH_PAIRS) return pairs;
  const version = `${Math.floor(apiVersion / 1000)}.${Math.floor((apiVersion % 1000) / 10)}`;
  throw new GritError('GRIT_DEVICE_UNAVAILABLE', `the driver (CUDA ${version}) cannot restore to other GPUs`, {
    hint: 'Other GPUs than those of the source need driver 580 (CUDA 13.0) or later on the target.',
    details: { apiVersion },
  });
}
