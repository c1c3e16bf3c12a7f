// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import type { ErrorCode } from '@grit/plugin-api';
import { azureError, isRetryable } from '../../src/azure/azure-error.js';
import { readRefusal, type Refusal } from '../../src/azure/refusal.js';

const NOW = Date.parse('2026-03-01T12:00:00Z');
const ACTION = { label: 'azure://a/c', what: 'write k', now: NOW };

function refusal(status: number, code: string, changes: Partial<Refusal> = {}): Refusal {
  return { status, code, message: 'It is so.', fromAzure: true, ...changes };
}

describe('azure: errors', () => {
  const cases: readonly [status: number, code: string, expected: ErrorCode, hint: RegExp, retry: boolean | 'few'][] = [
    [403, 'AuthenticationFailed', 'GRIT_STORAGE_DENIED', /clock/, false],
    [403, 'AuthorizationPermissionMismatch', 'GRIT_STORAGE_DENIED', /Storage Blob Data Contributor/, false],
    [403, 'AuthorizationFailure', 'GRIT_STORAGE_DENIED', /firewall/, false],
    [403, 'KeyBasedAuthenticationNotPermitted', 'GRIT_STORAGE_DENIED', /identity/, false],
    [403, 'SomethingNew', 'GRIT_STORAGE_DENIED', /role/, false],
    [403, 'AccountIsDisabled', 'GRIT_STORAGE_DENIED', /pays/, false],
    [404, 'ContainerNotFound', 'GRIT_STORAGE_MISSING', /create/, false],
    [409, 'BlobImmutableDueToPolicy', 'GRIT_STORAGE_UNSUITABLE', /immutability/, false],
    [409, 'BlobArchived', 'GRIT_STORAGE_UNSUITABLE', /rehydrate/, false],
    [412, 'LeaseIdMissing', 'GRIT_STORAGE_DENIED', /lease/, false],
    [503, 'ServerBusy', 'GRIT_STORAGE_UNAVAILABLE', /reachable/, true],
    [500, 'OperationTimedOut', 'GRIT_STORAGE_UNAVAILABLE', /reachable/, true],
    [500, 'InternalError', 'GRIT_STORAGE_UNAVAILABLE', /reachable/, true],
    [502, 'HTTP 502', 'GRIT_STORAGE_UNAVAILABLE', /reachable/, true],
    [400, 'Md5Mismatch', 'GRIT_STORAGE_IO', /network/, 'few'],
    [507, 'InsufficientStorage', 'GRIT_STORAGE_FULL', /quota/, false],
    [400, 'InvalidQueryParameterValue', 'GRIT_STORAGE_IO', /service/, false],
  ];
  for (const [status, code, expected, hint, retry] of cases) {
    it(`${code} is ${expected}`, () => {
      const error = azureError(refusal(status, code), ACTION);
      assert.equal(error.code, expected);
      assert.match(error.hint, hint);
      assert.equal(error.message, `azure://a/c: write k: It is so (${code}, HTTP ${status})`);
      assert.deepEqual(error.details, { store: 'azure://a/c', answer: code, status });
      assert.equal(isRetryable(refusal(status, code)), retry);
    });
  }

  it('say how wrong the clock is, where that may be why', () => {
    const late = { serverTime: NOW + 40 * 60_000 };
    assert.match(azureError(refusal(403, 'AuthenticationFailed', late), ACTION).message, /clock .* 40 min behind$/);
    assert.match(
      azureError(refusal(403, 'AuthenticationFailed', { serverTime: NOW - 40 * 60_000 }), ACTION).message,
      /clock .* 40 min ahead$/,
    );
    assert.doesNotMatch(azureError(refusal(404, 'ContainerNotFound', late), ACTION).message, /clock/);
  });

  it('are read from answers, with and without a body', () => {
    const body = `\uFEFF<?xml version="1.0"?><Error><Code>AuthenticationFailed</Code><Message>Server failed to &lt;it&gt;.
RequestId:1
Time:2</Message><AuthenticationErrorDetail>Signature did not match.</AuthenticationErrorDetail></Error>`;
    const headers = new Map([
      ['x-ms-error-code', 'AuthenticationFailed'],
      ['date', 'Sun, 01 Mar 2026 12:00:00 GMT'],
      ['retry-after', '7'],
    ]);
    assert.deepEqual(
      readRefusal(403, (name) => headers.get(name), Buffer.from(body)),
      {
        status: 403,
        code: 'AuthenticationFailed',
        message: 'Server failed to <it>.',
        detail: 'Signature did not match.',
        serverTime: NOW,
        retryAfterMs: 7000,
        fromAzure: true,
      },
    );
    const bare = readRefusal(404, (name) => (name === 'x-ms-request-id' ? '1' : undefined));
    assert.deepEqual([bare.code, bare.message, bare.fromAzure], ['NotFound', '', true]);
    assert.equal(readRefusal(418, () => undefined, Buffer.from('<html>tea</html>')).fromAzure, false);
    assert.equal(
      readRefusal(400, () => undefined, Buffer.from(`<Message>${'x'.repeat(9999)}</Message>`)).message.length,
      300,
    );
  });
});
