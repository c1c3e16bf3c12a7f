// SPDX-License-Identifier: Apache-2.0
import type { IncomingMessage } from 'node:http';
import { GritError } from '@grit/plugin-api';

/** The body as JSON, an empty one as undefined. Reads no more than `limit` bytes. */
export async function readBody(request: IncomingMessage, limit: number): Promise<unknown> {
  const tooLarge = new GritError('GRIT_REQUEST_TOO_LARGE', `the body has more than ${limit} bytes`);
  if (Number(request.headers['content-length'] ?? 0) > limit) throw tooLarge;
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > limit) throw tooLarge;
    chunks.push(chunk);
  }
  if (size === 0) return undefined;
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch (error) {
    throw new GritError('GRIT_REQUEST_INVALID', 'the body is not JSON', { cause: error });
  }
}
