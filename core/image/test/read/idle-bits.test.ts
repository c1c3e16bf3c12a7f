// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CODEC } from '../../src/codec/codec-ids.js';
import { Decoder } from '../../src/codec/decoder.js';
import { readRow, type ChunkRow } from '../../src/format/chunk-row.js';
import { dataBytes } from '../../src/format/data-bytes.js';
import { packThreads } from '../../src/pack/pack-threads.js';
import { Packer, type PackedImage } from '../../src/pack/packer.js';
import { fetchImage } from '../../src/read/fetch-image.js';
import { verifyImage } from '../../src/read/verify-image.js';
import { NEVER, drain, failure } from '../facts.js';
import { readPacked } from '../pack/naive-reader.js';
import { bytesOf } from '../some-data.js';
import { filesBelow, hasExactly, storedImage } from './some-image.js';

const PARTS = { a: bytesOf('pointers', 50_000, 1) };
const CORRUPT = 'GRIT_IMAGE_PART_CORRUPT';

/** Flips the bit of a frame's header that RFC 8878 calls unused. The chunk still has the same data. */
function flipIdleBit(pack: Buffer, row: ChunkRow): void {
  assert.equal(row.codec, CODEC.zstd);
  const decode = (): Buffer => {
    const data = Buffer.alloc(dataBytes(row.length, row.zeros));
    new Decoder().decode(row.codec, pack.subarray(row.offset, row.offset + row.stored), data);
    return data;
  };
  const before = decode();
  pack[row.offset + 4]! ^= 0x10;
  assert.ok(decode().equals(before));
}

describe('image: a stored bit that changes nothing of the data', function () {
  this.timeout(60_000);
  let home = '';
  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'grit-idle-bit-'));
  });
  afterEach(async () => {
    await packThreads.close();
    await rm(home, { recursive: true });
  });

  it('is damage for all that read it, and a copy makes it good', async () => {
    const [store, reader] = await storedImage(home, PARTS);
    const [, copy] = await storedImage(join(home, 'copy'), PARTS);
    const [name = ''] = store.packs();
    flipIdleBit(store.object(name), readRow(await reader.table(NEVER), 0));
    const target = join(home, 'target');
    for (const call of [
      () => verifyImage(reader, { signal: NEVER }),
      () => fetchImage(reader, target, { signal: NEVER, durable: false }),
      () => drain(reader.read('a', { start: 100, end: 200 }, NEVER)),
    ]) {
      const error = await failure(call(), CORRUPT);
      assert.equal(error.details?.part, 'a');
      assert.equal(error.details['pack'], reader.manifest.packs[0]?.name);
    }
    assert.deepEqual(await filesBelow(target), []);
    await fetchImage(reader, target, { signal: NEVER, durable: false, copies: [copy] });
    await hasExactly(target, PARTS);
  });

  it('makes a chunk that a packer left one that is written again', async () => {
    const directory = join(home, 'packs');
    await mkdir(directory);
    const path = join(home, 'a');
    await writeFile(path, PARTS.a);
    const pack = async (): Promise<PackedImage> => {
      const packer = await Packer.open({ directory, signal: NEVER, compression: 'always' });
      await packer.addFile({ name: 'a', kind: 'memory', path });
      const image = await packer.finish();
      assert.ok((await readPacked(directory, image)).get('a')!.equals(PARTS.a));
      return image;
    };
    const first = await pack();
    const [left] = first.packs;
    assert.deepEqual((await pack()).packs, first.packs);
    const bytes = await readFile(join(directory, left!.name));
    flipIdleBit(bytes, readRow(first.table, 0));
    await writeFile(join(directory, left!.name), bytes);
    const again = await pack();
    assert.notEqual(again.packs[readRow(again.table, 0).pack]?.name, left!.name);
  });
});
