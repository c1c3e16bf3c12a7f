// SPDX-License-Identifier: Apache-2.0
import type { OutputFormat } from '../arguments/shared-options.js';
import type { Terminal } from './terminal.js';
import { formatYaml } from './yaml.js';

/** Prints data as JSON or YAML; false when the format is for people. */
export function printDocument(terminal: Terminal, format: OutputFormat, value: unknown): boolean {
  if (format === 'json') terminal.out(`${JSON.stringify(value, null, 2)}\n`);
  else if (format === 'yaml') terminal.out(formatYaml(value));
  else return false;
  return true;
}

/** True when programs read the output, so that people's lines are left out. */
export function isForPrograms(format: OutputFormat): boolean {
  return format === 'json' || format === 'yaml';
}
