// SPDX-License-Identifier: Apache-2.0
/** The kinds of record, in the singular. */
export type RecordKind = 'workload' | 'checkpoint' | 'operation' | 'node';

/** What `get` takes; the singular does as well. */
export const RECORD_KINDS = [
  'workloads',
  'checkpoints',
  'operations',
  'nodes',
  'workload',
  'checkpoint',
  'operation',
  'node',
] as const;

/** The kind that a word of the command line names. */
export function recordKindOf(word: string): RecordKind {
  return (word.endsWith('s') ? word.slice(0, -1) : word) as RecordKind;
}
