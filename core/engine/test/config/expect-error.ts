// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { isGritError, outcomeOf, type ErrorCode, type GritError } from '@grit/plugin-api';

/** The GritError that the promise is rejected with; it must have this code. */
export async function expectError(code: ErrorCode, work: Promise<unknown>): Promise<GritError> {
  const error: unknown = await work.then(
    () => assert.fail(`expected ${code}`),
    (reason: unknown) => reason,
  );
  assert.ok(isGritError(error), String(error));
  assert.equal(error.code, code, error.message);
  return error;
}

/** Like {@link expectError} for what the user got wrong before anything was started: exit code 2. */
export async function expectRefusal(code: ErrorCode, work: Promise<unknown>): Promise<GritError> {
  const error = await expectError(code, work);
  assert.equal(outcomeOf(error.code).exit, 2);
  return error;
}
