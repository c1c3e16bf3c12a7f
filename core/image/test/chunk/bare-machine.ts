// SPDX-License-Identifier: Apache-2.0
// What is told, and thrown, on a machine that has no blake3.
import { registerHooks } from 'node:module';
import { isGritError } from '@grit/plugin-api';

registerHooks({
  resolve(specifier, context, next) {
    if (specifier === '@napi-rs/blake-hash') throw new Error('not for this platform');
    return next(specifier, context);
  },
});
const { hashOf } = await import('../../src/chunk/chunk-hash.js');
const { dataPlaneFacts } = await import('../../src/codec/data-plane-facts.js');
let code = 'nothing thrown';
try {
  hashOf('blake3', Buffer.from('abc'));
} catch (error) {
  if (isGritError(error)) code = error.code;
}
console.log(JSON.stringify({ ...dataPlaneFacts(), code }));
