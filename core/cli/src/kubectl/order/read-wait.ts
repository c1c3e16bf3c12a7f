// SPDX-License-Identifier: Apache-2.0
import type { Invocation } from '../../arguments/invocation.js';
import { usageError } from '../../arguments/usage-error.js';
import { parseLength } from './parse-when.js';

/** Whether, and how long, the end of the work is waited for. */
export interface WantedWait {
  readonly wait: boolean;
  /** Milliseconds; undefined: as long as it takes. */
  readonly timeoutMs: number | undefined;
}

/** Reads --wait and --timeout. Throws GRIT_USAGE. */
export function readWait(invocation: Invocation, command: string): WantedWait {
  const wait = invocation.has('wait');
  const timeout = invocation.text('timeout');
  if (timeout === undefined) return { wait, timeoutMs: undefined };
  if (!wait) throw usageError('--timeout is of the waiting: give --wait, too', command, 'kubectl grit');
  return { wait, timeoutMs: parseLength(timeout, '--timeout', command) };
}
