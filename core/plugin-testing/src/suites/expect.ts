// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { isErrorCode, isGritError, type ErrorCode, type GritError } from '@grit/plugin-api';

const POLL_MS = 10;
const LIMIT_MS = 15_000;

/** A signal that is never aborted. */
export const NEVER: AbortSignal = new AbortController().signal;

/** Waits until the probe gives something; fails with `what` when it takes too long. */
export async function eventually<T>(
  what: string,
  probe: () => Promise<T | undefined | false> | T | undefined | false,
): Promise<T> {
  const end = performance.now() + LIMIT_MS;
  for (;;) {
    const found = await probe();
    if (found !== undefined && found !== false) return found;
    assert.ok(performance.now() < end, `not within ${LIMIT_MS} ms: ${what}`);
    await delay(POLL_MS);
  }
}

/** The call must fail with a GritError of one of the codes (any of the catalogue when none is named). */
export async function failsWith(call: Promise<unknown>, ...codes: readonly ErrorCode[]): Promise<GritError> {
  const thrown: unknown = await call.then(
    () => assert.fail(`succeeded, expected ${codes.join(' or ') || 'an error'}`),
    (error: unknown) => error,
  );
  assert.ok(isGritError(thrown), `expected a GritError, got ${String(thrown)}`);
  assert.ok(isErrorCode(thrown.code), `${thrown.code} is not in the catalogue`);
  assert.ok(
    codes.length === 0 || codes.includes(thrown.code),
    `expected ${codes.join(' or ')}, got ${thrown.code}: ${thrown.message}`,
  );
  return thrown;
}

/** The call must fail because its signal was aborted. */
export async function failsAborted(call: Promise<unknown>): Promise<void> {
  const thrown: unknown = await call.then(
    () => assert.fail('succeeded although it was aborted'),
    (error: unknown) => error,
  );
  const name = (thrown as Error).name;
  const code = isGritError(thrown) ? thrown.code : undefined;
  assert.ok(name === 'AbortError' || code === 'GRIT_ABORTED', `expected an abort, got ${String(thrown)}`);
}
