// SPDX-License-Identifier: Apache-2.0
import { parentPort } from 'node:worker_threads';
import { toGritError } from '@grit/plugin-api';
import type { ThreadReply } from './thread.js';

/** An answer whose buffers are handed over. */
export interface Answer {
  readonly value: unknown;
  readonly transfer?: readonly ArrayBuffer[];
}

/** The inside of a {@link Thread}: answers each request, of whatever type the handler takes, with what it returns or throws. */
export function serveThread(handle: (request: never) => Answer | Promise<Answer>): void {
  const port = parentPort;
  if (port === null) throw new Error('not a worker thread');
  // One after the other, also when the handler is asynchronous: the answers have no names.
  let last = Promise.resolve();
  port.on('message', (request: unknown) => {
    last = last.then(async () => {
      try {
        const { value, transfer } = await handle(request as never);
        port.postMessage({ ok: true, value } satisfies ThreadReply, transfer ?? []);
      } catch (error) {
        port.postMessage({ ok: false, error: toGritError(error).toJSON() } satisfies ThreadReply);
      }
    });
  });
}
