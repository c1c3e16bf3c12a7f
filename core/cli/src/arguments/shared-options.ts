// SPDX-License-Identifier: Apache-2.0
import type { OptionSpec } from './command-spec.js';

const OUTPUT_FORMATS = ['table', 'wide', 'json', 'yaml'] as const;

/** How results are printed. */
export type OutputFormat = (typeof OUTPUT_FORMATS)[number];

/** Options that every command takes. */
export const COMMON_OPTIONS: readonly OptionSpec[] = [
  { name: 'output', short: 'o', value: 'FORMAT', choices: OUTPUT_FORMATS, summary: 'how results are printed' },
  {
    name: 'state-dir',
    value: 'DIR',
    completes: 'files',
    summary: 'where the platform keeps its state (default: $GRIT_STATE_DIR, ~/.local/state/grit)',
  },
  {
    name: 'config',
    value: 'FILE',
    repeatable: true,
    completes: 'files',
    summary:
      'configuration for a server that is started; later files overlay earlier ones (default: $GRIT_CONFIG, ./grit.yaml)',
  },
  { name: 'help', short: 'h', summary: 'show how to use the command' },
];

/** Options that name an operation for good, or leave it to itself. */
export const SUBMIT_OPTIONS: readonly OptionSpec[] = [
  { name: 'key', value: 'KEY', summary: 'idempotency key: the same key with the same request is the same operation' },
  { name: 'no-wait', summary: 'print the id of the operation and leave it to the server' },
];

export const TCP_OPTION: OptionSpec = {
  name: 'tcp',
  value: 'POLICY',
  choices: ['refuse', 'keep', 'close'],
  summary: 'open TCP connections: refuse the operation, keep or close them',
};

export const STORAGE_OPTION: OptionSpec = {
  name: 'storage',
  value: 'NAME',
  summary: 'storage of the configuration (default: its defaults.storage)',
};
