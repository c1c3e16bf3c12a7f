// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GritError, isGritError, type Progress } from '@grit/plugin-api';
import { CODEC } from '../../src/codec/codec-ids.js';
import { ROW_BYTES, readRow } from '../../src/format/chunk-row.js';
import { fetchImage } from '../../src/read/fetch-image.js';
import type { ImageReader } from '../../src/read/image-reader.js';
import { openImage } from '../../src/read/open-image.js';
import { verifyImage } from '../../src/read/verify-image.js';
import { FACTS, NEVER, failure } from '../facts.js';
import { SEED, Seeded } from '../format/seeded.js';
import { bytesOf, randomBytes } from '../some-data.js';
import type { MemoryStore } from './memory-store.js';
import { filesBelow, hasExactly, storedImage } from './some-image.js';

/** Every bit of every byte instead of one bit of each, for a long run. */
const ALL_BITS = process.env['GRIT_FLIPS'] !== undefined;
const BITS = [1, 2, 4, 8, 16, 32, 64, 128];
/** Every which flip is fetched, too. */
const FETCHED = 37;

const SMALL = {
  a: Buffer.concat([randomBytes(300, 1), bytesOf('text', 900, 2)]),
  'b/c': Buffer.concat([Buffer.alloc(8192), bytesOf('pointers', 5000, 3)]),
  d: bytesOf('bf16', 1000, 4),
};

describe('image: verifying', function () {
  this.timeout(ALL_BITS ? 3_600_000 : 120_000);
  let home = '';
  let store: MemoryStore;
  let reader: ImageReader;
  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'grit-verify-'));
    [store, reader] = await storedImage(home, SMALL);
  });
  afterEach(() => rm(home, { recursive: true }));

  /** The catalog knows the digest of the manifest: another one is refused by whoever opens an image. */
  const opened = async (): Promise<ImageReader> => {
    const again = await openImage(store, FACTS.checkpoint, NEVER);
    if (again.digest !== reader.digest) throw new GritError('GRIT_IMAGE_MANIFEST_INVALID', 'another manifest');
    return again;
  };

  /** Undefined when all is well. */
  const verified = async (fast = false): Promise<GritError | undefined> => {
    try {
      await verifyImage(await opened(), { signal: NEVER, fast });
      return undefined;
    } catch (error) {
      assert.ok(isGritError(error) && error.code.startsWith('GRIT_IMAGE_'), String(error));
      if (error.code.startsWith('GRIT_IMAGE_PART_')) assert.equal(typeof error.details?.['part'], 'string');
      return error;
    }
  };

  /** It must be refused, or be right all the same, and then leave nothing wrong. */
  const fetched = async (what: string): Promise<boolean> => {
    const copy = join(home, 'copy');
    await rm(copy, { recursive: true, force: true });
    try {
      await fetchImage(await opened(), copy, { signal: NEVER, durable: false });
      await hasExactly(copy, SMALL);
      return true;
    } catch (error) {
      assert.ok(isGritError(error) && error.code.startsWith('GRIT_IMAGE_'), `${what}: ${String(error)}`);
      const left = await filesBelow(copy);
      assert.ok(
        left.every((name) => name in SMALL && name !== error.details?.part),
        `${what} left ${left.join()}`,
      );
      return false;
    }
  };

  it('says that all is well, with progress up to the last byte', async () => {
    const progress: Progress[] = [];
    await verifyImage(reader, { signal: NEVER, onProgress: (step) => progress.push(step) });
    assert.deepEqual(progress.at(-1), { phase: 'verify', doneBytes: reader.size, totalBytes: reader.size });
    assert.equal(await verified(true), undefined);
  });

  it('has compressed chunks of every kind', async () => {
    const table = await reader.table(NEVER);
    const codecs = Array.from({ length: table.length / ROW_BYTES }, (_, row) => readRow(table, row).codec);
    assert.deepEqual([...new Set(codecs)].sort(), Object.values(CODEC).sort());
  });

  it('finds a flip at any place of any object', async () => {
    const random = new Seeded(SEED);
    let flips = 0;
    for (const [name, bytes] of objectsOf(store)) {
      for (let at = 0; at < bytes.length; at++) {
        if (!ALL_BITS && at % 64 !== 0 && isFilling(name, bytes, at)) continue;
        for (const bit of ALL_BITS ? BITS : [1 << random.below(8)]) {
          bytes[at]! ^= bit;
          const what = `bit ${bit} of byte ${at} of ${name} (seed ${SEED})`;
          assert.ok((await verified()) !== undefined, `${what} was not found`);
          flips++;
          // A fetch looks at no byte that it does not use: those that fill up a pack, and its index.
          if (flips % FETCHED === 0)
            assert.ok(!(await fetched(what)) || name.startsWith('packs/'), `${what} was fetched`);
          bytes[at]! ^= bit;
        }
      }
    }
    assert.equal(await verified(), undefined);
    assert.ok(await fetched('nothing'));
  });

  it('finds every cut, addition and loss of an object, also when only looking fast', async () => {
    for (const [name, bytes, put] of objectsOf(store)) {
      const lengths = [0, 1, bytes.length - 1, bytes.length - 64, bytes.length >> 1, ...everyOf(bytes.length, 997)];
      for (const length of lengths) {
        put(bytes.subarray(0, length));
        const fast = await verified(true);
        assert.ok(fast !== undefined && (await verified()) !== undefined, `${length} bytes of ${name}`);
        assert.ok(!(await fetched(`${length} bytes of ${name}`)));
        if (name.startsWith('packs/')) assert.equal(fast.code, 'GRIT_IMAGE_PART_TRUNCATED');
      }
      put(Buffer.concat([bytes, Buffer.alloc(4096)]));
      assert.ok((await verified(true)) !== undefined && !(await fetched(`a longer ${name}`)), `a longer ${name}`);
      put(undefined);
      const lost = await verified(true);
      assert.ok(lost !== undefined && !(await fetched(`no ${name}`)));
      assert.match(lost.code, /MISSING/);
      put(bytes);
    }
    assert.equal(await verified(), undefined);
  });

  it('reads a chunk no second time that was read back at the same place with another image', async () => {
    const pack = store.object(store.packs()[0] ?? '');
    pack[100]! ^= 1;
    assert.ok((await verified()) !== undefined);
    const seen: Progress[] = [];
    const options = { signal: NEVER, onProgress: (progress: Progress): unknown => seen.push(progress) };
    await verifyImage(reader, { ...options, proven: [await opened()] });
    assert.equal(seen.at(-1)?.doneBytes, reader.size);
    // The same data in another pack prove nothing of this one.
    const [, twin] = await storedImage(join(home, 'twin'), SMALL);
    await failure(verifyImage(reader, { signal: NEVER, proven: [twin] }), 'GRIT_IMAGE_PART_CORRUPT');
  });

  it('names the first damaged part, in the order of the packs', async () => {
    const first = reader.manifest.packs[0]?.name ?? '';
    const all = store.packs().map((name) => store.object(name));
    for (const pack of all) pack[100]! ^= 1;
    const error = await verified();
    for (const pack of all) pack[100]! ^= 1;
    assert.equal(error?.code, 'GRIT_IMAGE_PART_CORRUPT');
    assert.equal(error.details?.pack, first);
    assert.ok((error.details['part'] as string) in SMALL, error.message);
  });

  it('ends when it is aborted', async () => {
    await failure(verifyImage(reader, { signal: AbortSignal.abort() }), 'GRIT_ABORTED');
    const cancelled = new AbortController();
    const read = store.read.bind(store);
    store.read = async function* () {
      cancelled.abort();
      await new Promise(() => undefined);
    };
    await failure(verifyImage(reader, { signal: cancelled.signal }), 'GRIT_ABORTED');
    store.read = read;
  });
});

/** All that the store has, the manifest too, and how to replace it. */
function objectsOf(store: MemoryStore): [string, Buffer, (bytes: Buffer | undefined) => void][] {
  const objects = [...store.objects].map(([name, bytes]): [string, Buffer, (bytes: Buffer | undefined) => void] => {
    return [
      name,
      bytes,
      (other) => (other === undefined ? store.objects.delete(name) : store.objects.set(name, other)),
    ];
  });
  const manifest = store.committed ?? Buffer.alloc(0);
  const put = (bytes: Buffer | undefined): void => {
    store.committed = bytes;
  };
  return [...objects, ['manifest.json', manifest, put]];
}

/** Most of a small pack are the zeros that fill it up. */
function isFilling(name: string, bytes: Buffer, at: number): boolean {
  return name.startsWith('packs/') && bytes.subarray(Math.max(0, at - 32), at + 32).every((byte) => byte === 0);
}

function everyOf(length: number, step: number): number[] {
  return Array.from({ length: Math.floor(length / step) }, (_, index) => index * step);
}
