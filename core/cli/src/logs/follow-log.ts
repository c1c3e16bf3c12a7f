// SPDX-License-Identifier: Apache-2.0
import { setTimeout as delay } from 'node:timers/promises';
import type { WorkloadRecord } from '@grit/core';
import type { CommandContext } from '../command-context.js';
import { EXIT_INTERRUPTED, ExitWith } from '../exit-codes.js';
import { onInterrupt } from '../operations/interrupts.js';
import { exitCodeOfWorkload, hasEnded } from '../records/wait-for-end.js';
import { LogFile } from './log-file.js';
import { noLog } from './print-log.js';

const READ_EVERY_MS = 50;
const ASK_EVERY_MS = 250;

/**
 * Prints the log of a workload until it has ended, and returns its exit code. When the workload moves, its log moves with it:
 * reading goes on in the new file at the same byte.
 */
export async function followLog({ session, terminal }: CommandContext, name: string): Promise<number> {
  const { signal } = new AbortController();
  let log: LogFile | undefined;
  const interrupted = new AbortController();
  const stopListening = onInterrupt(() => interrupted.abort());
  const read = () => log?.drain((bytes) => terminal.outBytes(bytes));
  try {
    for (;;) {
      const record = await session.call((api) => api.getWorkload(name, signal));
      const moved = await moveTo(log, record);
      if (moved !== log) {
        await log?.close();
        log = moved;
      }
      await read();
      if (hasEnded(record)) {
        if (log === undefined) throw noLog(name);
        return exitCodeOfWorkload(record);
      }
      for (let waited = 0; waited < ASK_EVERY_MS; waited += READ_EVERY_MS) {
        await delay(READ_EVERY_MS, undefined, { signal: interrupted.signal });
        await read();
      }
    }
  } catch (error) {
    if (!interrupted.signal.aborted) throw error;
    terminal.error(`${name} is not touched by Ctrl-C; see: grit describe workload ${name}\n`);
    throw new ExitWith(EXIT_INTERRUPTED);
  } finally {
    stopListening();
    await log?.close();
  }
}

/** The log that the record names; the one that is open when it is the same or the new one is not there yet. */
async function moveTo(log: LogFile | undefined, { logPath, busy }: WorkloadRecord): Promise<LogFile | undefined> {
  if (logPath === undefined || logPath === log?.path) return log;
  try {
    return await LogFile.open(logPath, log?.position ?? 0);
  } catch (error) {
    if (log !== undefined && busy !== undefined) return log;
    throw error;
  }
}
