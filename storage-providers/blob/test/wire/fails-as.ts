// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { WireError, type WireErrorKind } from '../../src/wire/wire-error.js';

/** Checks that a request fails in this way. */
export async function failsAs(kind: WireErrorKind, call: Promise<unknown>): Promise<WireError> {
  let failure: unknown;
  await call.catch((error: unknown) => (failure = error));
  assert.ok(failure instanceof WireError, `${kind} expected, not ${String(failure)}`);
  assert.equal(failure.kind, kind, failure.message);
  return failure;
}
