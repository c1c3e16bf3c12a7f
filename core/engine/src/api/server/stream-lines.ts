// SPDX-License-Identifier: Apache-2.0
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';

/**
 * Sends values as lines of JSON, an empty line when there was none for a while. A slow reader slows the source down, which then
 * leaves out what lies between. An error before the first value is thrown; a later one cuts the connection, so that the end of
 * the body always means the end of the values.
 */
export async function streamLines(
  values: AsyncIterable<unknown>,
  response: ServerResponse,
  options: { readonly signal: AbortSignal; readonly heartbeatMs: number },
): Promise<void> {
  const iterator = values[Symbol.asyncIterator]();
  let heartbeat: NodeJS.Timeout | undefined;
  try {
    let next = await iterator.next();
    response.writeHead(200, { 'content-type': 'application/x-ndjson' });
    heartbeat = setInterval(() => {
      if (!response.writableNeedDrain) response.write('\n');
    }, options.heartbeatMs);
    while (next.done !== true) {
      if (!response.write(`${JSON.stringify(next.value)}\n`)) await once(response, 'drain', { signal: options.signal });
      next = await iterator.next();
    }
    response.end();
  } finally {
    clearInterval(heartbeat);
    await iterator.return?.();
  }
}
