// SPDX-License-Identifier: Apache-2.0
import { GritError } from '@grit/plugin-api';
import type { CommandContext } from '../command-context.js';
import { LogFile } from './log-file.js';

/** Prints the log of a workload as it is now. */
export async function printLog({ session, terminal }: CommandContext, name: string): Promise<void> {
  const { signal } = new AbortController();
  const { logPath } = await session.call((api) => api.getWorkload(name, signal));
  if (logPath === undefined) throw noLog(name);
  const log = await LogFile.open(logPath);
  try {
    await log.drain((bytes) => terminal.outBytes(bytes));
  } finally {
    await log.close();
  }
}

/** A workload that has not started yet has no log. */
export function noLog(name: string): GritError {
  return new GritError('GRIT_WORKLOAD_NOT_RUNNING', `${name} has no log yet`, {
    hint: `\`grit describe workload ${name}\` shows its state.`,
  });
}
