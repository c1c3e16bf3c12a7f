// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Packer, commitPacked, knownPacks, loadPacked, openImage, savePacked, storeImage } from '@grit/image';
import { isGritError, type PartSource } from '@grit/plugin-api';
import { PvcStorage } from '@grit/storage-pvc';
import { randomBytesOf, writeParts } from './corpus.js';
import { committedPacks, factsOf, isIdentical, signal, verifyStore } from './stored-image.js';

const KIB = 1024;
const limits = { packBytes: 128 * KIB };

describe('image: a known image that is deleted meanwhile', function () {
  this.timeout(120_000);
  let home = '';
  let store = '';
  let storage: PvcStorage;
  let parts: readonly PartSource[];
  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'grit-known-image-'));
    store = join(home, 'store');
    storage = new PvcStorage({ path: store });
    const same = randomBytesOf('same', 1024 * KIB);
    const first = await writeParts(join(home, 'first'), { 'criu/pages-1.img': same });
    await storeImage(await storage.begin('c-0', signal), first, factsOf('c-0'), { signal, limits });
    const changed = Buffer.concat([same, randomBytesOf('more', 256 * KIB)]);
    parts = await writeParts(join(home, 'second'), { 'criu/pages-1.img': changed });
  });
  afterEach(() => rm(home, { recursive: true }));

  it('after its packs were adopted: they are in the new image, which is whole', async () => {
    const base = await committedPacks(store, 'c-0');
    const known = [await openImage(storage, 'c-0', signal)];
    const writer = await storage.begin('c-1', signal);
    const putFile = writer.putFile?.bind(writer);
    assert.ok(putFile);
    let deleted = 0;
    writer.putFile = async (...args) => {
      if (deleted++ === 0) await storage.delete('c-0', signal);
      return putFile(...args);
    };
    await storeImage(writer, parts, factsOf('c-1'), { signal, limits, known });
    assert.ok(deleted > 0);
    assert.deepEqual(await verifyStore(storage), ['c-1']);
    await isIdentical(storage, 'c-1', parts, join(home, 'copy'));
    const packs = await committedPacks(store, 'c-1');
    for (const [name, { inode }] of base) assert.equal(packs.get(name)?.inode, inode, `pack ${name} was written again`);
  });

  it('before: everything is written', async () => {
    const known = [await openImage(storage, 'c-0', signal)];
    await storage.delete('c-0', signal);
    const writer = await storage.begin('c-1', signal);
    const { manifest } = await storeImage(writer, parts, factsOf('c-1'), { signal, limits, known });
    assert.equal(manifest.bytes.fresh, manifest.bytes.data);
    await isIdentical(storage, 'c-1', parts, join(home, 'copy'));
  });

  it('between the dump and the store step: GRIT_IMAGE_BASE_GONE, and without it it is stored', async () => {
    const known = [await openImage(storage, 'c-0', signal)];
    const dump = await storage.begin('c-1', signal);
    const directory = (await dump.staging?.(signal)) ?? '';
    const packer = await Packer.open({ directory, signal, limits, known: await knownPacks(dump, known, signal) });
    await Promise.all(parts.map((part) => packer.addFile(part)));
    await savePacked(home, await packer.finish());

    await storage.delete('c-0', signal);
    const packed = await loadPacked(home);
    assert.ok(packed);
    assert.ok(packed.packs.some(({ own, image }) => !own && image === 'c-0'));
    const writer = await storage.begin('c-1', signal);
    const staging = (await writer.staging?.(signal)) ?? '';
    const error: unknown = await commitPacked(writer, staging, packed, factsOf('c-1'), { signal }).catch(
      (thrown: unknown) => thrown,
    );
    assert.ok(isGritError(error) && error.code === 'GRIT_IMAGE_BASE_GONE', String(error));
    assert.equal(error.details?.base, 'c-0');
    assert.deepEqual(await verifyStore(storage), []);

    await storeImage(await storage.begin('c-1', signal), parts, factsOf('c-1'), { signal, limits, known });
    await isIdentical(storage, 'c-1', parts, join(home, 'copy'));
  });
});
