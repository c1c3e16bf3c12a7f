// SPDX-License-Identifier: Apache-2.0
import { GritError } from '@grit/plugin-api';
import { NOT_YET } from '../node/node-problems.js';

/** The answer to everything that this runtime cannot do. @param what - what was asked for, after "cannot" */
export function refusal(what: string): GritError {
  return new GritError('GRIT_UNSUPPORTED', `runtime-amd cannot ${what}: AMD GPUs are not supported yet`, {
    hint: NOT_YET.hint,
    details: { driver: 'amd' },
  });
}

/** Throws GRIT_ABORTED for a call whose caller has given up. */
export function throwIfAborted(signal: AbortSignal): void {
  if (signal.aborted) throw new GritError('GRIT_ABORTED', 'aborted', { cause: signal.reason });
}
