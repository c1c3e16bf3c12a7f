// SPDX-License-Identifier: Apache-2.0
import type { SerializedGritError } from '@grit/plugin-api';
import { formatFacts } from '../output/facts.js';

/** An error that a record carries: message, causes, what to do. */
export function describeError(error: SerializedGritError | undefined): string {
  if (error === undefined) return '';
  return `\n${formatFacts([
    ['error', error.message],
    ['code', error.code],
    ...(error.causes ?? []).map((cause) => ['cause', cause.replaceAll('\n', '\n       ')] as const),
    ['details', error.details === undefined ? undefined : JSON.stringify(error.details)],
    ['next', error.hint],
  ])}`;
}
