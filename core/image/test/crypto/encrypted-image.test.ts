// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import fc from 'fast-check';
import { isGritError } from '@grit/plugin-api';
import { keyRing } from '../../src/crypto/key-ring.js';
import { imageKeyId, rekeyImage } from '../../src/crypto/rekey-image.js';
import { encodeManifest } from '../../src/format/encode-manifest.js';
import { parseManifest } from '../../src/format/parse-manifest.js';
import { fetchImage } from '../../src/read/fetch-image.js';
import type { ImageReader } from '../../src/read/image-reader.js';
import { openImage } from '../../src/read/open-image.js';
import { verifyImage } from '../../src/read/verify-image.js';
import { findWritten } from '../../src/write/find-written.js';
import { FACTS, NEVER, drain, failure } from '../facts.js';
import { hasExactly, contents, storedImage } from '../read/some-image.js';
import { MemoryStore } from '../read/memory-store.js';
import { bytesOf, randomBytes, runs } from '../some-data.js';
import { KEYS, onlyKey, ringOf } from './some-keys.js';

const SMALL = {
  'criu/pages-1.img': Buffer.concat([randomBytes(200_000, 1), bytesOf('text', 150_000, 2), Buffer.alloc(8192)]),
  'log/out': bytesOf('bf16', 60_000, 3),
};

describe('image: encrypted', function () {
  this.timeout(120_000);
  let home = '';
  let store: MemoryStore;
  let reader: ImageReader;
  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'grit-image-encrypted-'));
    store = new MemoryStore();
    store.keys = ringOf('a');
    [store, reader] = await storedImage(home, SMALL, store);
  });
  afterEach(() => rm(home, { recursive: true }));

  const verified = async (): Promise<void> =>
    verifyImage(await openImage(store, FACTS.checkpoint, NEVER), { signal: NEVER });

  for (const local of [false, true]) {
    it(`is verified, read and fetched from a store ${local ? 'on this machine' : 'elsewhere'}`, async () => {
      if (local) await store.makeLocal(join(home, 'store'));
      await verified();
      for (const [part, bytes] of Object.entries(SMALL)) {
        const range = { start: 777, end: bytes.length - 3 };
        assert.ok((await drain(reader.read(part, range, NEVER))).equals(bytes.subarray(777, -3)), part);
      }
      const copy = join(home, 'copy');
      await fetchImage(reader, copy, { signal: NEVER });
      await hasExactly(copy, SMALL);
      // What is there already is kept.
      await fetchImage(reader, copy, { signal: NEVER });
      await hasExactly(copy, SMALL);
    });
  }

  it('any image comes back, and nothing of it can be seen in its objects', async () => {
    await fc.assert(
      fc.asyncProperty(contents, async (parts) => {
        const directory = await mkdtemp(join(home, 'any-'));
        const any = new MemoryStore();
        any.keys = ringOf('a');
        const [, opened] = await storedImage(directory, parts, any);
        await verifyImage(opened, { signal: NEVER });
        const copy = join(directory, 'copy');
        await fetchImage(opened, copy, { signal: NEVER, durable: false });
        await hasExactly(copy, parts);
        await nothingToSee(any, opened, parts);
        await rm(directory, { recursive: true });
      }),
      runs(10),
    );
  });

  it('any flipped byte of any object is found, and is never called a wrong key', async () => {
    const objects = [...store.objects, ['manifest', store.committed!] as const];
    const total = objects.reduce((sum, [, bytes]) => sum + bytes.length, 0);
    const places = fc.record({
      // As often in small objects as in large ones.
      object: fc.nat(objects.length - 1),
      place: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      bit: fc.nat(7),
    });
    assert.ok(total > 200_000, `${total}`);
    await fc.assert(
      fc.asyncProperty(places, async ({ object, place, bit }) => {
        const [name, bytes] = objects[object]!;
        const at = Math.floor(place * bytes.length);
        bytes[at]! ^= 1 << bit;
        const error: unknown = await verified().catch((thrown: unknown) => thrown);
        bytes[at]! ^= 1 << bit;
        assert.ok(isGritError(error) && error.code.startsWith('GRIT_IMAGE_'), `${name} byte ${at}: ${String(error)}`);
      }),
      runs(150),
    );
    await verified();
  });

  it('without its key it is GRIT_KEY_UNKNOWN, with another one GRIT_KEY_WRONG: never damaged', async () => {
    const open = (): Promise<unknown> => openImage(store, FACTS.checkpoint, NEVER);
    store.keys = onlyKey('b');
    const unknown = await failure(open(), 'GRIT_KEY_UNKNOWN');
    assert.match(unknown.message, /checkpoint c-1.* key a /);
    assert.equal(unknown.details?.keyId, 'a');
    store.keys = keyRing({ current: 'a', keys: { a: KEYS.b } });
    await failure(open(), 'GRIT_KEY_WRONG');
    delete store.keys;
    await failure(open(), 'GRIT_KEY_UNKNOWN');
    await failure(findWritten(store, FACTS, NEVER), 'GRIT_KEY_UNKNOWN');
    assert.throws(
      () => parseManifest(store.committed!),
      (error) => isGritError(error) && error.code === 'GRIT_KEY_UNKNOWN',
    );
    assert.equal(await imageKeyId(store, FACTS.checkpoint, NEVER), 'a');
  });

  it('its manifest says which key it has, and nowhere has one', async () => {
    assert.deepEqual(reader.manifest.encryption, { keyId: 'a' });
    assert.deepEqual(reader.manifest.requires, ['aes-256-gcm']);
    const shown = [reader, reader.manifest, reader.keys].flatMap((value) => [
      inspect(value, { depth: 12, showHidden: true, maxArrayLength: null, maxStringLength: null }),
      JSON.stringify(value, (_, field: unknown) => (field === store || typeof field === 'bigint' ? undefined : field)),
      encodeManifest(reader.manifest).toString(),
    ]);
    for (const { name } of reader.manifest.packs) {
      const key = Buffer.from(reader.keys!.pack(name));
      const forms = [key.toString('base64'), key.toString('hex'), [...key].join(','), [...key].join(', ')];
      for (const text of shown) for (const form of forms) assert.ok(!text.includes(form));
    }
  });

  it('what was stored is found again by its facts, with the digest of the manifest that is sealed', async () => {
    const found = await findWritten(store, FACTS, NEVER);
    assert.equal(found?.digest, reader.digest);
    assert.deepEqual(Buffer.from(found.bytes), store.committed);
    assert.deepEqual(found.manifest, reader.manifest);
  });

  it('gets another key without a byte of its objects written, and keeps its digest', async () => {
    const before = new Map([...store.objects].map(([name, bytes]) => [name, Buffer.from(bytes)]));
    const old = store.committed;
    store.keys = ringOf('b');
    assert.deepEqual(await rekeyImage(store, FACTS.checkpoint, NEVER), { from: 'a', to: 'b' });
    assert.equal(await imageKeyId(store, FACTS.checkpoint, NEVER), 'b');
    assert.notDeepEqual(store.committed, old);
    assert.deepEqual(store.objects, before);
    store.keys = onlyKey('b');
    const again = await openImage(store, FACTS.checkpoint, NEVER);
    assert.equal(again.digest, reader.digest);
    await verifyImage(again, { signal: NEVER });
    const now = store.committed;
    assert.deepEqual(await rekeyImage(store, FACTS.checkpoint, NEVER), { from: 'b', to: 'b' });
    assert.equal(store.committed, now, 'it has the key already');
    store.keys = onlyKey('a');
    await failure(rekeyImage(store, FACTS.checkpoint, NEVER), 'GRIT_KEY_UNKNOWN');
  });

  it('fields of a later version stay when it gets another key', async () => {
    const envelope = JSON.parse(String(store.committed)) as { encryption: object };
    store.keys = ringOf('b');
    await rekeyImage(store, FACTS.checkpoint, NEVER);
    const after = JSON.parse(String(store.committed)) as { encryption: object };
    assert.deepEqual(Object.keys(after), Object.keys(envelope));
    assert.deepEqual(Object.keys(after.encryption), ['check', 'keyId', 'sealed', 'wrapped']);
  });

  it('an image that is not encrypted has no key to change', async () => {
    const [plain] = await storedImage(join(home), SMALL);
    assert.equal(await imageKeyId(plain, FACTS.checkpoint, NEVER), undefined);
    plain.keys = ringOf('a');
    await failure(rekeyImage(plain, FACTS.checkpoint, NEVER), 'GRIT_REQUEST_INVALID');
    await verifyImage(await openImage(plain, FACTS.checkpoint, NEVER), { signal: NEVER });
  });

  it('another image, with another key or none, makes a damaged chunk good', async () => {
    const other = new MemoryStore();
    other.keys = ringOf('b');
    const [, copy] = await storedImage(home, SMALL, other);
    const [, plain] = await storedImage(home, SMALL);
    for (const copies of [[copy], [plain]]) {
      const pack = store.object(store.packs()[0]!);
      pack[10]! ^= 1;
      const target = join(home, 'copy');
      await failure(fetchImage(reader, target, { signal: NEVER }), 'GRIT_IMAGE_PART_CORRUPT');
      await fetchImage(reader, target, { signal: NEVER, copies });
      await hasExactly(target, SMALL);
      await rm(target, { recursive: true });
      pack[10]! ^= 1;
    }
    const pack = other.object(other.packs()[0]!);
    pack[10]! ^= 1;
    const target = join(home, 'copy');
    await fetchImage(copy, target, { signal: NEVER, copies: [reader] });
    await hasExactly(target, SMALL);
  });

  it('packs that are swapped for those of another image are found', async () => {
    const other = new MemoryStore();
    other.keys = ringOf('a');
    await storedImage(home, SMALL, other);
    for (const [index, name] of store.packs().entries()) {
      const [mine, theirs] = [store.object(name), other.object(other.packs()[index]!)];
      if (mine.length !== theirs.length) continue;
      store.objects.set(name, theirs);
      await failure(verified(), 'GRIT_IMAGE_PART_CORRUPT');
      store.objects.set(name, mine);
    }
  });
});

/** No 32 bytes of a part, of the table with its hashes, or of the manifest are anywhere in what is stored. */
async function nothingToSee(
  store: MemoryStore,
  reader: ImageReader,
  parts: Readonly<Record<string, Buffer>>,
): Promise<void> {
  const { checkpoint, encryption, requires, version, ...hidden } = reader.manifest;
  assert.deepEqual(
    { checkpoint, encryption, requires, version },
    {
      checkpoint: FACTS.checkpoint,
      encryption: { keyId: 'a' },
      requires: ['aes-256-gcm'],
      version: 2,
    },
  );
  const manifest = Buffer.from(JSON.stringify(hidden));
  const secrets = [...Object.values(parts), await reader.table(NEVER), manifest, Buffer.from(reader.digest)];
  // Whatever 32 bytes are seen, they have such a block of 16 whole.
  const blocks = new Set(secrets.flatMap((bytes) => [...blocksOf(bytes)]));
  const begins = new Uint8Array(2 ** 16);
  for (const block of blocks) begins[Buffer.from(block, 'latin1').readUInt16LE()] = 1;
  for (const bytes of [...store.objects.values(), store.committed!]) {
    for (let at = 0; at + BLOCK <= bytes.length; at++) {
      if (begins[bytes.readUInt16LE(at)] === 0) continue;
      assert.ok(!blocks.has(bytes.toString('latin1', at, at + BLOCK)), `byte ${at}`);
    }
  }
}

const BLOCK = 16;

function* blocksOf(bytes: Buffer): Generator<string, void> {
  for (let at = 0; at + BLOCK <= bytes.length; at += BLOCK) {
    const block = bytes.toString('latin1', at, at + BLOCK);
    // Packs are filled up with zeros.
    if (new Set(block).size >= 4) yield block;
  }
}
