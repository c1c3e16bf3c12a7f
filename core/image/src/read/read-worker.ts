// SPDX-License-Identifier: Apache-2.0
import { serveThread, type Answer } from '../threads/serve-thread.js';
import { ChunkChecker } from './chunk-checker.js';
import { keptRows } from './kept-rows.js';
import type { ChunksRequest, KeptRequest } from './read-request.js';

const checker = new ChunkChecker();

serveThread((request: ChunksRequest | KeptRequest): Answer => {
  if (request.kind === 'kept') return { value: keptRows(request) };
  const reply = checker.run(request);
  return { value: reply, transfer: [reply.memory, reply.bytes].filter((buffer) => buffer !== undefined) };
});
