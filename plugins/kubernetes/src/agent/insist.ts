// SPDX-License-Identifier: Apache-2.0
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from '@grit/plugin-api';

const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 5_000;

/**
 * Makes a call to the API server until it answers, with growing pauses up to 5 s. `hopeless` says which errors no waiting cures; they are
 * thrown. Throws the signal's reason.
 */
export async function insist<T>(
  call: () => Promise<T>,
  logger: Logger,
  signal: AbortSignal,
  hopeless: (error: unknown) => boolean = () => false,
): Promise<T> {
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
    try {
      return await call();
    } catch (error) {
      signal.throwIfAborted();
      if (hopeless(error)) throw error;
      logger.debug('the API server is asked again', { reason: error instanceof Error ? error.message : String(error) });
    }
    await delay(pause, undefined, { signal });
  }
}
