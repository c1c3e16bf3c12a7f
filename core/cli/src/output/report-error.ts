// SPDX-License-Identifier: Apache-2.0
import type { GritError } from '@grit/plugin-api';
import { exitCodeOf } from '../exit-codes.js';
import type { Terminal } from './terminal.js';

/** What a command line that failed is told with. */
export interface ErrorReport {
  readonly args: readonly string[];
  readonly terminal: Terminal;
  /** Where it happened, too. */
  readonly stack: boolean;
}

/** Tells an error to people, or as JSON to whoever reads results as JSON; returns the exit code. */
export async function reportError(error: GritError, { args, terminal, stack }: ErrorReport): Promise<number> {
  if (wantsJson(args)) terminal.error(`${JSON.stringify(error)}\n`);
  else {
    const { formatError } = await import('./format-error.js');
    terminal.error(formatError(error, terminal));
    if (stack) terminal.error(`${error.stack ?? ''}\n`);
  }
  return exitCodeOf(error);
}

/** Also when the command line could not be understood. */
function wantsJson(args: readonly string[]): boolean {
  const own = args.includes('--') ? args.slice(0, args.indexOf('--')) : args;
  return own.some(
    (arg, index) => /^(-o=?|--output=)json$/.test(arg) || (/^(-o|--output)$/.test(arg) && own[index + 1] === 'json'),
  );
}
