// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  Packer,
  commitPacked,
  knownPacks,
  loadPacked,
  openImage,
  savePacked,
  storeImage,
  type PackedImage,
} from '@grit/image';
import { isGritError, type ImageStorageWriter, type PartSource } from '@grit/plugin-api';
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
    const adopt = writer.adopt?.bind(writer);
    assert.ok(adopt);
    let deleted = 0;
    writer.adopt = async (...args) => {
      const names = await adopt(...args);
      if (deleted++ === 0) await storage.delete('c-0', signal);
      return names;
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

  /** What the dump step does, and the packed image that the store step finds. */
  async function dump(): Promise<PackedImage> {
    const known = [await openImage(storage, 'c-0', signal)];
    const writer = await storage.begin('c-1', signal);
    const directory = (await writer.staging?.(signal)) ?? '';
    const chunks = await knownPacks(writer, known, signal);
    const packer = await Packer.open({ directory, signal, limits, known: chunks });
    await Promise.all(parts.map((part) => packer.addFile(part)));
    await savePacked(home, await packer.finish());
    const packed = await loadPacked(home);
    assert.ok(packed);
    assert.ok(packed.packs.some(({ own, image }) => !own && image === 'c-0'));
    return packed;
  }

  it('between the dump and the store step: the store holds its packs, and no byte is written again', async () => {
    const base = await committedPacks(store, 'c-0');
    const packed = await dump();
    await storage.delete('c-0', signal);
    const writer = await storage.begin('c-1', signal);
    const staging = (await writer.staging?.(signal)) ?? '';
    await commitPacked(writer, staging, packed, factsOf('c-1'), { signal });
    assert.deepEqual(await verifyStore(storage), ['c-1']);
    await isIdentical(storage, 'c-1', parts, join(home, 'copy'));
    const packs = await committedPacks(store, 'c-1');
    for (const { name } of packed.packs.filter(({ own }) => !own)) {
      assert.equal(packs.get(name)?.inode, base.get(name)?.inode, `pack ${name} was written again`);
    }
  });

  it('after what was held is lost: packs are held again while it is there, then GRIT_IMAGE_BASE_GONE', async () => {
    const packed = await dump();
    const known = [await openImage(storage, 'c-0', signal)];
    const lost = join(store, 'writing');
    const losing = async (): Promise<readonly [ImageStorageWriter, string]> => {
      const writer = await storage.begin('c-1', signal);
      for (const entry of await readdir(lost)) await rm(join(lost, entry, 'adopted'), { recursive: true });
      return [writer, (await writer.staging?.(signal)) ?? ''];
    };
    const [writer, staging] = await losing();
    await commitPacked(writer, staging, packed, factsOf('c-1'), { signal });
    await isIdentical(storage, 'c-1', parts, join(home, 'copy'));
    await storage.delete('c-1', signal);

    const again = await dump();
    const [second, directory] = await losing();
    await storage.delete('c-0', signal);
    const error: unknown = await commitPacked(second, directory, again, factsOf('c-1'), { signal }).catch(
      (thrown: unknown) => thrown,
    );
    assert.ok(isGritError(error) && error.code === 'GRIT_IMAGE_BASE_GONE', String(error));
    assert.equal(error.details?.base, 'c-0');
    assert.deepEqual(await verifyStore(storage), []);

    await storeImage(await storage.begin('c-1', signal), parts, factsOf('c-1'), { signal, limits, known });
    await isIdentical(storage, 'c-1', parts, join(home, 'copy'));
  });
});
