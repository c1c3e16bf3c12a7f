// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { isGritError, type ErrorCode, type GritError } from '@grit/plugin-api';

/** The error of a call that must fail with this code. */
export async function failsWith(call: Promise<unknown>, code: ErrorCode): Promise<GritError> {
  const error: unknown = await call.then(
    (value) => assert.fail(`it did not fail, but gave ${JSON.stringify(value)}`),
    (reason: unknown) => reason,
  );
  assert.ok(isGritError(error), `no GritError: ${error instanceof Error ? error.stack : String(error)}`);
  assert.equal(error.code, code, error.message);
  return error;
}

/** All that an iteration gives. */
export async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}
