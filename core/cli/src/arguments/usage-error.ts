// SPDX-License-Identifier: Apache-2.0
import { GritError } from '@grit/plugin-api';

/** A command that was given wrongly; the hint is the help of that command. */
export function usageError(message: string, command?: string, program = 'grit'): GritError {
  return new GritError('GRIT_USAGE', message, {
    hint:
      command === undefined
        ? `\`${program} --help\` lists the commands.`
        : `\`${program} ${command} --help\` shows how to use it.`,
  });
}
