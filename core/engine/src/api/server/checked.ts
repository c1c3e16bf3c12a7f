// SPDX-License-Identifier: Apache-2.0
import { GritError } from '@grit/plugin-api';
import type { Check } from '../request/checks.js';

/** The body, if it passes the check; GRIT_REQUEST_INVALID otherwise. */
export function checked<T>(check: Check<T>, body: unknown): T {
  const problems: string[] = [];
  const value = check(body, 'body', problems);
  if (problems.length === 0) return value;
  throw new GritError('GRIT_REQUEST_INVALID', problems.slice(0, 20).join('; '), { details: { problems } });
}
