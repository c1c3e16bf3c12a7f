// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { isGritError, type ErrorCode, type GritError } from '@grit/plugin-api';
import type { ImageFacts } from '../src/format/image-manifest.js';

export const NEVER: AbortSignal = new AbortController().signal;

export const FACTS: ImageFacts = {
  checkpoint: 'c-1',
  workload: { kind: 'container', name: 'train' },
  node: 'local',
  createdAt: 1_700_000_000_000,
  runtime: { driver: 'criu', version: 1, data: { pids: [1, 2], tcp: null } },
  facts: { arch: 'x64', kernel: '6.18' },
  timings: [{ phase: 'dump', ms: 12.5 }],
};

/** The call must fail with this code. */
export async function failure(call: Promise<unknown>, code: ErrorCode): Promise<GritError> {
  const error: unknown = await call.then(
    () => assert.fail(`succeeded, expected ${code}`),
    (thrown: unknown) => thrown,
  );
  assert.ok(isGritError(error), String(error));
  assert.equal(error.code, code, error.message);
  return error;
}

export async function drain(stream: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}
