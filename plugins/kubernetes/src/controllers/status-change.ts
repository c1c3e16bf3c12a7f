// SPDX-License-Identifier: Apache-2.0
import { isDeepStrictEqual } from 'node:util';
import { defined } from '../kit/defined.js';

/** Progress alone is written at most so often: the agent's own report has it each second. */
export const PROGRESS_MS = 5_000;

/** What tells a status from the one that is to replace it. */
export function statusChange(
  now: { readonly progress?: unknown },
  wanted: { readonly progress?: unknown },
): 'nothing' | 'progress' | 'much' {
  const { progress: _now, ...rest } = defined(now);
  const { progress: _wanted, ...others } = defined(wanted);
  if (!isDeepStrictEqual(rest, others)) return 'much';
  return isDeepStrictEqual(_now, _wanted) ? 'nothing' : 'progress';
}
