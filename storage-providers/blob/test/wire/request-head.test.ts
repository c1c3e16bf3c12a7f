// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { hostOf, requestHead } from '../../src/wire/request-head.js';
import type { WireRequest } from '../../src/wire/wire-request.js';
import { never } from './seed.js';

const TARGET = { secure: true, host: 'store.example', port: 443 };

function head(request: Partial<WireRequest>): string {
  return requestHead({ method: 'GET', path: '/a?b', headers: {}, signal: never(), ...request }, TARGET).toString(
    'latin1',
  );
}

describe('the head of a request', () => {
  it('has what is needed and not more', () => {
    assert.equal(head({}), 'GET /a?b HTTP/1.1\r\nHost: store.example\r\n\r\n');
    const put = head({ method: 'PUT', headers: { Host: 'other', 'x-a': 'ü' }, body: Buffer.alloc(3) });
    assert.equal(put, 'PUT /a?b HTTP/1.1\r\nHost: other\r\nx-a: ü\r\nContent-Length: 3\r\n\r\n');
    assert.match(head({ method: 'POST' }), /\r\nContent-Length: 0\r\n/);
    assert.match(head({ method: 'PUT', body: Buffer.alloc(1), expectContinue: true }), /\r\nExpect: 100-continue\r\n/);
    assert.doesNotMatch(head({ method: 'PUT', expectContinue: true }), /Expect/);
  });

  it('lets nothing past the end of a line', () => {
    const bad: Partial<WireRequest>[] = [
      ...['GET /', 'G\r\n', ''].map((method) => ({ method })),
      ...['', 'a', '/a b', '/a\r\nB: c', '/ä'].map((path) => ({ path })),
      ...['a\r\nb: c', 'a\n', '\0', '€'].map((value) => ({ headers: { 'x-a': value } })),
      ...['', 'a b', 'a:', 'a\r\n'].map((name) => ({ headers: { [name]: 'x' } })),
    ];
    for (const request of bad) assert.throws(() => head(request), TypeError, JSON.stringify(request));
  });

  it('keeps the headers of the connection for itself', () => {
    for (const name of ['Connection', 'transfer-encoding', 'Expect'])
      assert.throws(() => head({ headers: { [name]: 'x' } }), /not for the caller/);
    assert.throws(() => head({ headers: { 'x-a': '1', 'X-A': '1' } }), TypeError);
    const body = Buffer.alloc(2);
    assert.throws(() => head({ method: 'PUT', body, headers: { 'content-length': '3' } }), /size of the body/);
    assert.equal(
      head({ method: 'PUT', body, headers: { 'content-length': '2' } }).match(/content-length/gi)?.length,
      1,
    );
    assert.throws(() => head({ method: 'PUT', body: async function* () {} }), /needs its size/);
  });

  it('names the host as signatures expect it', () => {
    assert.equal(hostOf(TARGET), 'store.example');
    assert.equal(hostOf({ ...TARGET, port: 444 }), 'store.example:444');
    assert.equal(hostOf({ secure: false, host: '::1', port: 80 }), '[::1]');
  });
});
