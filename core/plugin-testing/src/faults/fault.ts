// SPDX-License-Identifier: Apache-2.0
import { GritError, type ErrorCode } from '@grit/plugin-api';

/** A place in front of or behind a method: `put.before`, `checkpoint.after`. */
export type FaultPoint = `${string}.before` | `${string}.after`;

/** What the operating system can say. */
export type FaultErrno = 'ENOSPC' | 'EIO' | 'EROFS' | 'ENOENT';

/** Something that goes wrong at a point. */
export interface Fault {
  readonly at: FaultPoint;
  /** Only the n-th call, counted from 1; default every call. */
  readonly call?: number | undefined;
  /** Waits before anything else; milliseconds. */
  readonly latencyMs?: number | undefined;
  /** Fails with what an implementation makes of this error of the operating system. */
  readonly errno?: FaultErrno | undefined;
  /** Fails with this code. */
  readonly code?: ErrorCode | undefined;
  /**
   * For `put.before` and `read.before`: the fault comes after so many bytes. Without `errno` and `code` the rest of the bytes is lost
   * and the call succeeds: a torn write.
   */
  readonly afterBytes?: number | undefined;
  /** Ends the process with SIGKILL. */
  readonly kill?: boolean | undefined;
}

const STORAGE_CODES: Readonly<Record<FaultErrno, ErrorCode>> = {
  ENOSPC: 'GRIT_STORAGE_FULL',
  EIO: 'GRIT_STORAGE_IO',
  EROFS: 'GRIT_STORAGE_READ_ONLY',
  ENOENT: 'GRIT_STORAGE_UNAVAILABLE',
};

const MESSAGES: Readonly<Record<FaultErrno, string>> = {
  ENOSPC: 'no space left on device',
  EIO: 'i/o error',
  EROFS: 'read-only file system',
  ENOENT: 'no such file or directory',
};

const NODE_METHOD_CODES: Readonly<Record<string, ErrorCode>> = {
  start: 'GRIT_WORKLOAD_START_FAILED',
  prepareRestore: 'GRIT_RESTORE_FAILED',
  restore: 'GRIT_RESTORE_FAILED',
  verify: 'GRIT_RESTORE_FAILED',
};

/** The error of a fault, as a good implementation reports it; undefined when the fault is no error. */
export function errorOfFault(fault: Fault, storage: boolean): GritError | undefined {
  const method = fault.at.split('.')[0] ?? '';
  if (fault.code !== undefined) return new GritError(fault.code, `injected at ${fault.at}`);
  if (fault.errno === undefined) return undefined;
  const message = `${fault.errno}: ${MESSAGES[fault.errno]}, injected at ${fault.at}`;
  const cause = Object.assign(new Error(message), { code: fault.errno, syscall: 'write' });
  return new GritError(storage ? STORAGE_CODES[fault.errno] : nodeCode(method, fault.errno), message, { cause });
}

function nodeCode(method: string, errno: FaultErrno): ErrorCode {
  return errno === 'ENOSPC' ? 'GRIT_NODE_STORAGE_FULL' : (NODE_METHOD_CODES[method] ?? 'GRIT_DUMP_FAILED');
}
