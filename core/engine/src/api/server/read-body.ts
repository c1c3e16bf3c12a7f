// SPDX-License-Identifier: Apache-2.0
import type { IncomingMessage } from 'node:http';
import { GritError } from '@grit/plugin-api';

/** The body as JSON, an empty one as undefined. Reads no more than `limit` bytes. */
export async function readBody(request: IncomingMessage, limit: number): Promise<unknown> {
  const tooLarge = new GritError('GRIT_REQUEST_TOO_LARGE', `the body has more than ${limit} bytes`);
  if (Number(request.headers['content-length'] ?? 0) > limit) throw tooLarge;
  const body = await collect(request, limit, tooLarge);
  if (body.length === 0) return undefined;
  try {
    return JSON.parse(body.toString('utf8'));
  } catch (error) {
    throw new GritError('GRIT_REQUEST_INVALID', 'the body is not JSON', { cause: error });
  }
}

/** Leaves the request as it is when it is too large, so that it can still be answered. */
function collect(request: IncomingMessage, limit: number, tooLarge: GritError): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const take = (chunk: Buffer): void => {
      size += chunk.length;
      chunks.push(chunk);
      if (size <= limit) return;
      request.off('data', take).pause();
      reject(tooLarge);
    };
    request.on('data', take);
    request.once('end', () => resolve(Buffer.concat(chunks)));
    request.once('error', reject);
  });
}
