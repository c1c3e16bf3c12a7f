// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import { isGritError } from '@grit/plugin-api';
import { keyRing } from '../../src/crypto/key-ring.js';
import { parseKey } from '../../src/crypto/parse-key.js';
import { NEVER, failure } from '../facts.js';
import { KEYS, onlyKey, ringOf } from './some-keys.js';

const DATA_KEY = Buffer.alloc(32, 7);

describe('image: keys that are at hand', () => {
  it('wrap with the current one, each time in other bytes, and unwrap with any', async () => {
    const ring = ringOf('a');
    assert.equal(await ring.currentKeyId(NEVER), 'a');
    const [one, other] = [await ring.wrap(DATA_KEY, NEVER), await ring.wrap(DATA_KEY, NEVER)];
    assert.equal(one.keyId, 'a');
    assert.notDeepEqual(one.wrapped, other.wrapped);
    for (const wrapped of [one, other]) assert.deepEqual(await ringOf('b').unwrap(wrapped, NEVER), DATA_KEY);
  });

  it('a name that is not there is GRIT_KEY_UNKNOWN, another key under the name GRIT_KEY_WRONG', async () => {
    const wrapped = await ringOf('a').wrap(DATA_KEY, NEVER);
    const unknown = await failure(onlyKey('b').unwrap(wrapped, NEVER), 'GRIT_KEY_UNKNOWN');
    assert.equal(unknown.details?.keyId, 'a');
    const other = keyRing({ current: 'a', keys: { a: KEYS.b } });
    await failure(other.unwrap(wrapped, NEVER), 'GRIT_KEY_WRONG');
    // The name is part of what is authenticated.
    await failure(
      keyRing({ current: 'c', keys: { c: KEYS.a } }).unwrap({ ...wrapped, keyId: 'c' }, NEVER),
      'GRIT_KEY_WRONG',
    );
  });

  it('whatever is done to a wrapped key is GRIT_KEY_WRONG', async () => {
    const ring = ringOf('a');
    const { wrapped } = await ring.wrap(DATA_KEY, NEVER);
    for (let at = 0; at < wrapped.length; at++) {
      const changed = Uint8Array.from(wrapped);
      changed[at]! ^= 1;
      await failure(ring.unwrap({ keyId: 'a', wrapped: changed }, NEVER), 'GRIT_KEY_WRONG');
      await failure(ring.unwrap({ keyId: 'a', wrapped: wrapped.subarray(0, at) }, NEVER), 'GRIT_KEY_WRONG');
    }
  });

  it('may be text: 64 hex digits or 32 bytes in base64', () => {
    for (const text of [KEYS.a.toString('hex'), KEYS.a.toString('hex').toUpperCase(), KEYS.a.toString('base64')]) {
      assert.deepEqual(Buffer.from(parseKey(`${text}\n`)), KEYS.a);
    }
  });

  for (const text of [
    '',
    'a1'.repeat(31),
    'a1'.repeat(33),
    KEYS.a.subarray(1).toString('base64'),
    'correct horse',
    'x'.repeat(44),
  ]) {
    it(`refuses ${JSON.stringify(text.slice(0, 20))} of ${text.length} characters, without a word of it`, () => {
      assert.throws(
        () => keyRing({ current: 'a', keys: { a: text } }),
        (error) =>
          isGritError(error) &&
          error.code === 'GRIT_CONFIG_INVALID' &&
          error.message.includes('key a') &&
          (text === '' || !JSON.stringify(error.toJSON()).includes(text)),
      );
    });
  }

  it('refuses names that are none, keys of another size, and a current key that is not there', () => {
    const bad = [
      { current: 'a', keys: { a: Buffer.alloc(16) } },
      { current: 'a b', keys: { 'a b': KEYS.a } },
      { current: 'c', keys: KEYS },
      { current: 'toString', keys: KEYS },
    ];
    for (const options of bad) {
      assert.throws(
        () => keyRing(options),
        (error) => isGritError(error) && error.code === 'GRIT_CONFIG_INVALID',
      );
    }
  });

  it('are not shown by an inspection, nor in JSON', () => {
    const shown = `${inspect(ringOf('a'), { depth: 9, showHidden: true })}${JSON.stringify(ringOf('a'))}`;
    assert.ok(!/a1 a1|a1a1|161/.test(shown), shown);
  });
});
