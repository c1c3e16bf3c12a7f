// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  checkpointArgs,
  gpuPairs,
  lockArgs,
  pairsFor,
  readGpuPairs,
  restoreArgs,
  unlockArgs,
} from '../../src/cuda/arg-structs.js';
import { uuidFromBytes, uuidToBytes } from '../../src/cuda/gpu-uuid.js';
import { SEED } from './seed.js';

const uuid = fc.uint8Array({ minLength: 16, maxLength: 16 }).map(uuidFromBytes);
const pairs = fc.array(
  fc.tuple(uuid, uuid).map(([from, to]) => ({ from, to })),
  { maxLength: 16 },
);

describe('argument structs of the checkpoint calls', () => {
  it('a UUID is the same after both ways, in any case of letters', () => {
    fc.assert(
      fc.property(uuid, (text) => {
        assert.match(text, /^GPU-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/);
        assert.equal(uuidFromBytes(uuidToBytes(text)), text);
        assert.deepEqual(uuidToBytes(text.toUpperCase()), uuidToBytes(text));
      }),
      { seed: SEED },
    );
    assert.deepEqual(
      [...uuidToBytes('GPU-00010203-0405-0607-0809-0a0b0c0d0e0f')],
      Array.from({ length: 16 }, (_, i) => i),
    );
  });

  it('what is no UUID of a GPU is refused by name', () => {
    for (const text of [
      '',
      'GPU-',
      '0',
      'MIG-00010203-0405-0607-0809-0a0b0c0d0e0f',
      'GPU-00010203-0405-0607-0809-0a0b0c0d0e0',
    ]) {
      assert.throws(() => uuidToBytes(text), { code: 'GRIT_REQUEST_INVALID', message: new RegExp(`"${text}"`) });
    }
    assert.throws(() => uuidFromBytes(Buffer.alloc(15)), RangeError);
    fc.assert(
      fc.property(fc.string(), (text) => {
        assert.throws(() => uuidToBytes(text), { code: 'GRIT_REQUEST_INVALID' });
      }),
      { seed: SEED },
    );
  });

  it('pairs are two UUIDs each, one behind the other', () => {
    fc.assert(
      fc.property(pairs, (given) => {
        const bytes = gpuPairs(given);
        assert.equal(bytes.length, 32 * given.length);
        assert.deepEqual(readGpuPairs(bytes), given);
      }),
      { seed: SEED },
    );
  });

  it('all structs have 64 bytes, and nothing but zero where nothing is said', () => {
    assert.deepEqual(checkpointArgs(), Buffer.alloc(64));
    assert.deepEqual(unlockArgs(), Buffer.alloc(64));
    fc.assert(
      fc.property(
        fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
        fc.integer({ min: 0, max: 2 ** 32 - 1 }),
        (address, count) => {
          const args = restoreArgs(address, count);
          assert.equal(args.readBigUInt64LE(0), address);
          assert.equal(args.readUInt32LE(8), count);
          assert.deepEqual(args.subarray(12), Buffer.alloc(52));
        },
      ),
      { seed: SEED },
    );
  });

  it('a lock always has a limit', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 ** 32 - 1 }), (ms) => {
        const args = lockArgs(ms);
        assert.equal(args.readUInt32LE(), ms);
        assert.deepEqual(args.subarray(4), Buffer.alloc(60));
      }),
      { seed: SEED },
    );
    for (const ms of [0, -1, 1.5, 2 ** 32, Number.NaN, Number.POSITIVE_INFINITY]) {
      assert.throws(() => lockArgs(ms), RangeError);
    }
  });

  it('only a driver of CUDA 13 gets a map; one that changes nothing is given to none', () => {
    const [from, to] = ['GPU-00010203-0405-0607-0809-0a0b0c0d0e0f', 'GPU-ff010203-0405-0607-0809-0a0b0c0d0e0f'];
    const same = { from, to: from.toUpperCase() };
    const other = { from, to };
    assert.deepEqual(pairsFor(12_080, [same]), []);
    assert.deepEqual(pairsFor(13_000, [same]), []);
    assert.deepEqual(pairsFor(13_000, [same, other]), [same, other]);
    assert.deepEqual(pairsFor(13_040, [other]), [other]);
    assert.throws(() => pairsFor(12_090, [other]), {
      code: 'GRIT_DEVICE_UNAVAILABLE',
      message: /CUDA 12\.9/,
      hint: /580/,
    });
  });
});
