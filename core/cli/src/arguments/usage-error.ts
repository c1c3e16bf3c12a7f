// SPDX-License-Identifier: Apache-2.0
import { GritError } from '@grit/plugin-api';

/** A command that was given wrongly; the hint is the help of that command. */
export function usageError(message: string, command?: string): GritError {
  return new GritError('GRIT_USAGE', message, {
    hint:
      command === undefined ? '`grit --help` lists the commands.' : `\`grit ${command} --help\` shows how to use it.`,
  });
}
