// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { encodePath, queryString, sign, UNSIGNED } from '../../src/s3/sign.js';

const HOST = 'examplebucket.s3.amazonaws.com';
const credentials = {
  accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
};
const SCOPE = { credentials, region: 'us-east-1', date: new Date('2013-05-24T00:00:00Z') };
const hash = (text: string) => createHash('sha256').update(text).digest('hex');

/** The worked examples of the service's reference: "Signature calculations for the Authorization header". */
const PUBLISHED = {
  'a range of an object': {
    request: { method: 'GET', path: '/test.txt', headers: { host: HOST, range: 'bytes=0-9' }, payload: hash('') },
    signature: 'f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41',
  },
  'an object with a body, and a name that is encoded': {
    request: {
      method: 'PUT',
      path: encodePath('/test$file.text'),
      headers: { host: HOST, date: 'Fri, 24 May 2013 00:00:00 GMT', 'x-amz-storage-class': 'REDUCED_REDUNDANCY' },
      payload: hash('Welcome to Amazon S3.'),
    },
    signature: '98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd',
  },
  'a query without a value': {
    request: { method: 'GET', path: '/', query: { lifecycle: '' }, headers: { host: HOST }, payload: hash('') },
    signature: 'fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543',
  },
  'a query of several': {
    request: {
      method: 'GET',
      path: '/',
      query: { prefix: 'J', 'max-keys': '2' },
      headers: { host: HOST },
      payload: hash(''),
    },
    signature: '34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7',
  },
};

describe('s3: signatures', () => {
  for (const [what, { request, signature }] of Object.entries(PUBLISHED)) {
    it(`are those of the reference: ${what}`, () => {
      const { authorization } = sign(request, SCOPE);
      const names = [...Object.keys(request.headers), 'x-amz-content-sha256', 'x-amz-date'].sort().join(';');
      assert.equal(
        authorization,
        `AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,SignedHeaders=${names},Signature=${signature}`,
      );
    });
  }

  it('say that a body is not signed, and carry the token of a session', () => {
    const request = { method: 'PUT', path: '/a', headers: { host: HOST } };
    const signed = sign(request, { ...SCOPE, credentials: { ...credentials, sessionToken: 'token' } });
    assert.equal(signed['x-amz-content-sha256'], UNSIGNED);
    assert.equal(signed['x-amz-security-token'], 'token');
    assert.match(
      signed['authorization'] ?? '',
      /SignedHeaders=host;x-amz-content-sha256;x-amz-date;x-amz-security-token,/,
    );
  });

  it('encode every byte that is not plain', () => {
    assert.equal(encodePath("/a b/ü+!'()*~-_.c/"), '/a%20b/%C3%BC%2B%21%27%28%29%2A~-_.c/');
    assert.equal(queryString({ b: 'x/y', 'a-': '&', a: '=' }), 'a=%3D&a-=%26&b=x%2Fy');
  });
});
