// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { KeyProvider, PartSource } from '@grit/plugin-api';
import { Packer, type PackedImage } from '../../src/pack/packer.js';
import { fetchImage } from '../../src/read/fetch-image.js';
import type { ImageReader } from '../../src/read/image-reader.js';
import { openImage } from '../../src/read/open-image.js';
import { verifyImage } from '../../src/read/verify-image.js';
import { commitPacked } from '../../src/write/commit-packed.js';
import { knownPacks } from '../../src/write/known-packs.js';
import { loadPacked, savePacked } from '../../src/write/saved-packed.js';
import { storeImage } from '../../src/write/store-image.js';
import { rekeyImage } from '../../src/crypto/rekey-image.js';
import { FACTS, NEVER, failure } from '../facts.js';
import { randomBytes } from '../some-data.js';
import { StagedFiles } from '../write/staged-files.js';
import { onlyKey, ringOf } from './some-keys.js';

const BYTES = randomBytes(700_000, 11);

describe('image: packing what is encrypted', function () {
  this.timeout(120_000);
  let home = '';
  let part: PartSource;
  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'grit-image-encrypting-'));
    await mkdir(join(home, 'packs'));
    part = { name: 'criu/pages-1.img', kind: 'memory', path: join(home, 'part') };
    await writeFile(part.path, BYTES);
  });
  afterEach(() => rm(home, { recursive: true }));

  const packed = async (keys: KeyProvider | undefined, readBack = false): Promise<PackedImage> => {
    const packer = await Packer.open({ directory: join(home, 'packs'), signal: NEVER, keys, readBack });
    await packer.addFile(part);
    return packer.finish();
  };
  const committed = (store: StagedFiles, image: PackedImage, keys?: KeyProvider): ReturnType<typeof commitPacked> =>
    commitPacked(store, join(home, 'packs'), image, FACTS, { signal: NEVER, keys });
  const opened = (store: StagedFiles, keys: KeyProvider, id = FACTS.checkpoint): Promise<ImageReader> =>
    openImage(Object.assign(store, { keys }), id, NEVER);

  it('what is kept between dump and store has no key in clear, comes back, and is committed', async () => {
    const image = await packed(ringOf('a'));
    await savePacked(home, image);
    const loaded = await loadPacked(home);
    assert.deepEqual(loaded, image);
    const store = new StagedFiles(join(home, 'c-1'));
    const { bytes, digest } = await committed(store, loaded, ringOf('b'));
    const reader = await opened(store, ringOf('a'));
    assert.equal(reader.digest, digest);
    await verifyImage(reader, { signal: NEVER });
    const record = await readFile(join(home, 'packed.json'), 'latin1');
    for (const { name } of reader.manifest.packs) {
      const key = Buffer.from(reader.keys!.pack(name));
      for (const form of ['base64', 'hex', 'latin1'] as const) assert.ok(!record.includes(key.toString(form)));
    }
    // Repeated, also after a crash, it is the very same manifest.
    assert.deepEqual(Buffer.from((await committed(store, loaded, ringOf('a'))).bytes), Buffer.from(bytes));
    assert.ok(image.bytes.stored > BYTES.length);
  });

  it('without the key it is not committed, and nothing is put', async () => {
    const image = await packed(onlyKey('a'));
    const store = new StagedFiles(join(home, 'c-1'));
    await failure(committed(store, image), 'GRIT_KEY_UNKNOWN');
    await failure(committed(store, image, onlyKey('b')), 'GRIT_KEY_UNKNOWN');
    assert.deepEqual(store.linked, []);
    const [first, ...rest] = image.encryption!.packs;
    const changed = { ...image, encryption: { ...image.encryption!, packs: Uint8Array.of(first! ^ 1, ...rest) } };
    await failure(committed(store, changed, onlyKey('a')), 'GRIT_DUMP_FAILED');
  });

  it('packs that were read back beside packing are not read again', async () => {
    const image = await packed(ringOf('a'), true);
    const store = new StagedFiles(join(home, 'c-1'), { local: true });
    await committed(store, image, ringOf('a'));
    await verifyImage(await opened(store, ringOf('a')), { signal: NEVER, readBack: image.packs });
  });

  it('packs that an earlier packer left are not used, because nobody knows their keys', async () => {
    const first = await packed(ringOf('a'));
    const plain = await packed(undefined);
    const names = ({ packs }: PackedImage): string[] => packs.map(({ name }) => name).sort();
    assert.ok(names(plain).every((name) => !names(first).includes(name)));
    const again = await packed(ringOf('a'));
    assert.ok(names(again).every((name) => !names(plain).includes(name)));
    assert.deepEqual((await readdir(join(home, 'packs'))).sort(), names(again));
  });

  it('the same bytes are never stored alike twice', async () => {
    const [one, other] = [new StagedFiles(join(home, 'c-1')), new StagedFiles(join(home, 'c-2'))];
    const options = { signal: NEVER, keys: ringOf('a') };
    const images = [await storeImage(one, [part], FACTS, options), await storeImage(other, [part], FACTS, options)];
    const packs = await Promise.all(
      images.map(({ manifest }, index) => readFile([one, other][index]!.path(`packs/${manifest.packs[0]!.name}`))),
    );
    for (let at = 0; at < 4096; at += 64) assert.ok(packs[1]!.indexOf(packs[0]!.subarray(at, at + 64)) < 0);
  });

  describe('with images that are known', () => {
    const store = (id: string): StagedFiles => new StagedFiles(join(home, id));
    const child = async (parent: ImageReader, keys: KeyProvider | undefined): Promise<number> => {
      const files = store('c-child');
      const facts = { ...FACTS, checkpoint: 'c-child' };
      const written = await storeImage(files, [part], facts, { signal: NEVER, known: [parent], keys });
      const reader = await openImage(Object.assign(files, { keys }), 'c-child', NEVER);
      await verifyImage(reader, { signal: NEVER });
      const copy = join(home, 'copy');
      await fetchImage(reader, copy, { signal: NEVER });
      assert.ok((await readFile(join(copy, part.name))).equals(BYTES));
      return written.manifest.bytes.fresh;
    };
    const parentWith = async (keys: KeyProvider | undefined): Promise<[StagedFiles, ImageReader]> => {
      const files = store('c-1');
      await storeImage(files, [part], FACTS, { signal: NEVER, keys });
      return [files, await openImage(Object.assign(files, { keys }), 'c-1', NEVER)];
    };

    it('chunks of one with the same key are used again', async () => {
      const [, parent] = await parentWith(ringOf('a'));
      assert.equal(await child(parent, ringOf('a')), 0);
    });

    it('those of one with another key are not, until it was given the new one', async () => {
      const [files, parent] = await parentWith(ringOf('a'));
      assert.equal(await child(parent, ringOf('b')), BYTES.length);
      let manifest = files.bytes!;
      const replacing = Object.assign(files, {
        keys: ringOf('b'),
        replaceManifest: async (_id: string, change: { manifest: Uint8Array }) => void (manifest = change.manifest),
      });
      await rekeyImage(replacing, 'c-1', NEVER);
      files.bytes = manifest;
      await rm(join(home, 'c-child'), { recursive: true });
      await rm(join(home, 'copy'), { recursive: true });
      assert.equal(await child(await openImage(files, 'c-1', NEVER), onlyKey('b')), 0);
    });

    it('those of a plain one are not used by an encrypted one, nor the other way round', async () => {
      const [, plain] = await parentWith(undefined);
      assert.equal(await child(plain, ringOf('a')), BYTES.length);
      await rm(join(home, 'c-1'), { recursive: true });
      await rm(join(home, 'c-child'), { recursive: true });
      await rm(join(home, 'copy'), { recursive: true });
      const [, secret] = await parentWith(ringOf('a'));
      assert.equal(await child(secret, undefined), BYTES.length);
    });

    it('a packer does not believe what is of no use to it', async () => {
      const [, secret] = await parentWith(ringOf('a'));
      const known = await knownPacks(store('c-2'), [secret], NEVER, { keys: ringOf('a') });
      assert.equal(known.packs.length, secret.manifest.packs.length);
      const packer = await Packer.open({ directory: join(home, 'packs'), signal: NEVER, known });
      await packer.addFile(part);
      const { packs, encryption } = await packer.finish();
      assert.ok(packs.every(({ own }) => own));
      assert.equal(encryption, undefined);
    });
  });

  it('keys that cannot be had end it before anything is packed', async () => {
    const gone = Object.assign(onlyKey('a'), { wrap: async () => Promise.reject(new Error('no')) });
    await assert.rejects(Packer.open({ directory: join(home, 'packs'), signal: NEVER, keys: gone }));
    assert.deepEqual(await readdir(join(home, 'packs')), []);
  });
});
