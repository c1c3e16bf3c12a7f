// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { decryptChunk, decryptIndex, encryptChunk, encryptIndex, newPackKey } from '../../src/crypto/chunk-cipher.js';
import { SEAL_BYTES, seal, unseal } from '../../src/crypto/sealed-bytes.js';
import { NEVER, failure } from '../facts.js';
import { randomBytes, runs } from '../some-data.js';

const KEY = Buffer.alloc(32, 1);

describe('image: sealing', () => {
  it('is deterministic, and other bytes, labels or keys have other nonces', async () => {
    const bytes = Buffer.from('rows of a table');
    const sealed = await seal(KEY, 'table', bytes, NEVER);
    assert.equal(sealed.length, bytes.length + SEAL_BYTES);
    assert.deepEqual(await seal(KEY, 'table', bytes, NEVER), sealed);
    const others = [
      await seal(KEY, 'manifest', bytes, NEVER),
      await seal(KEY, 'table', Buffer.from('rows of a table.'), NEVER),
      await seal(Buffer.alloc(32, 2), 'table', bytes, NEVER),
    ];
    for (const other of others) assert.notDeepEqual(other.subarray(0, 12), sealed.subarray(0, 12));
    assert.deepEqual(await unseal(KEY, 'table', sealed, NEVER), bytes);
    assert.equal(await unseal(KEY, 'manifest', sealed, NEVER), undefined);
    assert.equal(await unseal(Buffer.alloc(32, 2), 'table', sealed, NEVER), undefined);
  });

  it('takes bytes of any size, also of more than one turn', async () => {
    for (const size of [0, 1, 4 * 1024 * 1024, 4 * 1024 * 1024 + 1, 9 * 1024 * 1024]) {
      const bytes = randomBytes(size, size + 1);
      const back = await unseal(KEY, 'table', await seal(KEY, 'table', bytes, NEVER), NEVER);
      assert.ok(back?.equals(bytes), `${size}`);
    }
  });

  it('any changed, missing or added byte is found', async () => {
    const sealed = await seal(KEY, 'table', Buffer.from('some rows'), NEVER);
    for (let at = 0; at < sealed.length; at++) {
      const changed = Buffer.from(sealed);
      changed[at]! ^= 0x80;
      assert.equal(await unseal(KEY, 'table', changed, NEVER), undefined, `byte ${at}`);
      assert.equal(await unseal(KEY, 'table', sealed.subarray(0, at), NEVER), undefined, `${at} bytes`);
    }
    assert.equal(await unseal(KEY, 'table', Buffer.concat([sealed, Buffer.alloc(1)]), NEVER), undefined);
  });

  it('ends when it is aborted', async () => {
    const bytes = Buffer.alloc(5 * 1024 * 1024);
    await failure(seal(KEY, 'table', bytes, AbortSignal.abort()), 'GRIT_ABORTED');
    const sealed = await seal(KEY, 'table', bytes, NEVER);
    await failure(unseal(KEY, 'table', sealed, AbortSignal.abort()), 'GRIT_ABORTED');
  });
});

describe('image: the cipher of chunks', () => {
  it('gives back what was encrypted, only at its offset, with its key, and as a chunk', () => {
    const cases = fc.record({
      bytes: fc.uint8Array({ minLength: 1, maxLength: 300 }),
      offset: fc.nat(2 ** 30),
      flip: fc.nat(),
    });
    fc.assert(
      fc.property(cases, ({ bytes, offset, flip }) => {
        const key = newPackKey();
        const room = new Uint8Array(bytes.length + 32);
        room.set(bytes);
        const stored = room.subarray(0, encryptChunk(key, offset, room, bytes.length));
        assert.deepEqual(Uint8Array.from(decryptChunk(key, offset, stored) ?? []), bytes);
        assert.equal(decryptChunk(key, offset + 1, stored), undefined);
        assert.equal(decryptChunk(newPackKey(), offset, stored), undefined);
        assert.equal(decryptIndex(key, stored), undefined);
        assert.equal(decryptChunk(key, offset, stored.subarray(0, -1)), undefined);
        stored[flip % stored.length]! ^= 1;
        assert.equal(decryptChunk(key, offset, stored), undefined);
      }),
      runs(50),
    );
  });

  it('an index is not a chunk at the beginning', () => {
    const key = newPackKey();
    const index = encryptIndex(key, Buffer.alloc(48, 3));
    assert.deepEqual(decryptIndex(key, index), Buffer.alloc(48, 3));
    assert.equal(decryptChunk(key, 0, index), undefined);
    assert.equal(decryptIndex(key, index.subarray(0, 10)), undefined);
  });
});
