// SPDX-License-Identifier: Apache-2.0
import { GritError, isFinal, isGritError, type OperationStatus } from '@grit/plugin-api';
import { readLines } from './read-lines.js';
import type { SocketClient } from './socket-client.js';

const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 1_000;

/**
 * The status now and after each change, up to the final one. A lost connection is made anew for `patienceMs` from the loss, also one that is silent for `silenceMs`;
 * what had been seen does not come again.
 */
export async function* watchOperation(
  client: SocketClient,
  id: string,
  signal: AbortSignal,
  options: { readonly patienceMs: number; readonly silenceMs: number },
): AsyncGenerator<OperationStatus> {
  let revision = 0;
  let lostAt: number | undefined;
  let pause = FIRST_PAUSE_MS;
  for (;;) {
    try {
      const path = `/v1/operations/${encodeURIComponent(id)}/watch`;
      const response = await client.open({ method: 'GET', path, signal, timeoutMs: options.silenceMs });
      try {
        for await (const line of readLines(response)) {
          lostAt = undefined;
          pause = FIRST_PAUSE_MS;
          const status = JSON.parse(line) as OperationStatus;
          if (status.revision <= revision) continue;
          revision = status.revision;
          yield status;
          if (isFinal(status.phase)) return;
        }
      } finally {
        response.destroy();
      }
    } catch (error) {
      if (signal.aborted) throw client.lost(error, signal);
      // The first try must succeed, and what the server itself says stands.
      const transient =
        !isGritError(error) || error.code === 'GRIT_SERVER_UNAVAILABLE' || error.code === 'GRIT_TIMEOUT';
      if (!transient || revision === 0) throw error;
    }
    lostAt ??= Date.now();
    if (Date.now() - lostAt > options.patienceMs) {
      throw new GritError('GRIT_SERVER_UNAVAILABLE', `the server is gone; operation ${id} may go on without it`, {
        details: { operation: id },
      });
    }
    await wait(pause, signal);
    pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
  }
}

function wait(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done, { once: true });
  });
}
