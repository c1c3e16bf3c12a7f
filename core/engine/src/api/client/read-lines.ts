// SPDX-License-Identifier: Apache-2.0
import type { IncomingMessage } from 'node:http';

/** The lines of a body that are not empty. Throws when the connection breaks before the end of the body. */
export async function* readLines(response: IncomingMessage): AsyncGenerator<string> {
  response.setEncoding('utf8');
  let rest = '';
  for await (const chunk of response as AsyncIterable<string>) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) if (line !== '') yield line;
  }
}
