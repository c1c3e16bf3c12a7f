// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { createCipheriv } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { keyRing, openImage, storeImage, verifyImage, withKeys, type ImageFacts, type ImageReader } from '@grit/image';
import { PAGE_BYTES, type PartKind, type PartSource, type StorageProvider } from '@grit/plugin-api';
import { MemoryStorage } from '@grit/plugin-testing';
import { copyImage } from '../../src/image/copy-image.js';

const never = new AbortController().signal;
const PAGES = 600;
const ADDRESS = 0x7f00_0000_3000;

/** Bytes that do not compress and are the same for ever. */
function noise(length: number, seed: number): Buffer {
  return createCipheriv('aes-128-ctr', Buffer.alloc(16, seed), Buffer.alloc(16)).update(Buffer.alloc(length));
}

/** The page map of one run of pages of `pages-1.img`. */
function pagemap(): Buffer {
  const varint = (value: number): number[] =>
    value < 128 ? [value] : [(value % 128) + 128, ...varint(Math.floor(value / 128))];
  const message = (...fields: readonly (readonly [number, number])[]): Buffer => {
    const body = Buffer.from(fields.flatMap(([field, value]) => [...varint(field * 8), ...varint(value)]));
    const size = Buffer.alloc(4);
    size.writeUInt32LE(body.length);
    return Buffer.concat([size, body]);
  };
  const head = Buffer.from('1943565425400856', 'hex');
  return Buffer.concat([head, message([1, 1]), message([1, ADDRESS], [4, 4], [5, PAGES])]);
}

/** A store of which a test decides when its reads fail. */
class FailingStorage extends MemoryStorage {
  reads = Infinity;

  override async open(...args: Parameters<MemoryStorage['open']>): ReturnType<MemoryStorage['open']> {
    const reader = await super.open(...args);
    const readInto = reader.readInto?.bind(reader);
    reader.readInto = async (...call) => {
      if (this.reads-- <= 0) throw new Error('the disk is gone');
      await readInto?.(...call);
    };
    return reader;
  }
}

describe('copies of images between stores that encrypt and others', function () {
  this.timeout(120_000);
  let home = '';
  const keys = keyRing({ current: 'k1', keys: { k1: Buffer.alloc(32, 7).toString('base64') } });
  beforeEach(() => void (home = mkdtempSync(join(tmpdir(), 'grit-copy-'))));
  afterEach(() => rmSync(home, { recursive: true, force: true }));

  const options = () => ({ signal: never, workDirectory: join(home, 'work') });
  const part = (name: string, bytes: Uint8Array, kind: PartKind): PartSource => {
    const path = join(home, 'dump', name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, bytes);
    return { name, kind, path };
  };
  const store = async (to: StorageProvider, id: string, changed: number, parent?: string): Promise<ImageReader> => {
    const pages = noise(PAGES * PAGE_BYTES, 1);
    noise(PAGE_BYTES, changed).copy(pages, 100 * PAGE_BYTES);
    pages.fill(0, 300 * PAGE_BYTES, 350 * PAGE_BYTES);
    const facts: ImageFacts = {
      ...{ checkpoint: id, node: 'n', createdAt: 1_000, facts: { arch: 'x' }, timings: [{ phase: 'dump', ms: 1.5 }] },
      ...{ workload: { kind: 'container', name: 'train' }, runtime: { driver: 'd', version: 1, data: { a: 1 } } },
      ...(parent !== undefined && { parent }),
    };
    const parts = [
      part('criu/pages-1.img', pages, 'memory'),
      part('criu/pagemap-1.img', pagemap(), 'runtime'),
      part('rootfs.tar', noise(300_001, 9), 'rootfs'),
      part('log', Buffer.alloc(0), 'log'),
    ];
    const known = parent === undefined ? [] : [await openImage(to, parent, never)];
    await storeImage(await to.begin(id, never), parts, facts, { signal: never, keys: to.keys, known });
    return openImage(to, id, never);
  };
  const same = (a: ImageReader, b: ImageReader): void => {
    const { manifest: left } = a;
    const { manifest: right } = b;
    for (const fact of [
      'workload',
      'node',
      'createdAt',
      'timings',
      'facts',
      'runtime',
      'parent',
      'checkpoint',
    ] as const)
      assert.deepEqual(left[fact], right[fact], fact);
    const contents = ({ parts }: typeof left) =>
      parts.map(({ name, kind, size, digest }) => ({ name, kind, size, digest }));
    assert.deepEqual(contents(left), contents(right));
  };

  it('are packed anew, there and back, with the same facts and bytes, and chunks that are there are not sent', async () => {
    const plain = new MemoryStorage();
    const secret = withKeys(new MemoryStorage(), keys);
    const first = await store(plain, 'ck-1', 2);
    await store(plain, 'ck-2', 3, 'ck-1');
    let asked: number | undefined;
    const onWorkDirectory = (path: string, bytes: number): void => {
      assert.ok(path.startsWith(join(home, 'work', 'copy-')));
      asked = bytes;
    };
    const copied = await copyImage(plain, secret, 'ck-1', { ...options(), onWorkDirectory });
    const whole = first.size - 50 * PAGE_BYTES;
    assert.ok(asked !== undefined && asked >= whole && asked < 2 * whole, String(asked));
    assert.deepEqual([copied.known, copied.sourceDigest, copied.sent], [false, first.digest, copied.stored]);
    const there = await openImage(secret, 'ck-1', never);
    assert.equal(there.digest, copied.digest);
    assert.notEqual(there.digest, first.digest);
    assert.equal(there.manifest.encryption?.keyId, 'k1');
    same(first, there);
    await verifyImage(there, { signal: never });
    const second = await copyImage(plain, secret, 'ck-2', options());
    assert.ok(second.sent < second.stored / 4, JSON.stringify(second));
    assert.deepEqual(await copyImage(plain, secret, 'ck-1', options()), { ...copied, known: true, sent: 0 });

    const back = new MemoryStorage();
    await copyImage(secret, back, 'ck-1', options());
    const returned = await copyImage(secret, back, 'ck-2', options());
    assert.ok(returned.sent < returned.stored / 4, JSON.stringify(returned));
    same(await openImage(back, 'ck-2', never), await openImage(plain, 'ck-2', never));
    // Where it came from it is known, though its digest is another one.
    assert.deepEqual((await copyImage(secret, plain, 'ck-1', options())).digest, first.digest);
    assert.deepEqual(readdirSync(join(home, 'work')), []);
  });

  it('another image of the same id is never taken for the copy', async () => {
    const plain = new MemoryStorage();
    const secret = withKeys(new MemoryStorage(), keys);
    await store(plain, 'ck-1', 2);
    await store(plain, 'ck-0', 2);
    await store(secret, 'ck-1', 2, undefined);
    const facts = { checkpoint: 'ck-0', workload: { kind: 'container', name: 'other' }, node: 'n', createdAt: 1 };
    const more = { facts: {}, timings: [], runtime: { driver: 'd', version: 1, data: {} } };
    await storeImage(
      await secret.begin('ck-0', never),
      [part('log', noise(9, 9), 'log')],
      { ...facts, ...more },
      {
        signal: never,
        keys,
      },
    );
    await assert.rejects(copyImage(plain, secret, 'ck-0', options()), { code: 'GRIT_IDEMPOTENCY_CONFLICT' });
  });

  it('a source that fails in the middle leaves nothing in the target and nothing here; then it works', async () => {
    const plain = new FailingStorage();
    const inner = new MemoryStorage();
    const secret = withKeys(inner, keys);
    await store(plain, 'ck-1', 2);
    for (const reads of [1, 2, 3]) {
      plain.reads = reads;
      await assert.rejects(copyImage(plain, secret, 'ck-1', options()));
      assert.deepEqual(readdirSync(join(home, 'work')), []);
      assert.equal(inner.images.size, 0);
    }
    plain.reads = Infinity;
    assert.equal((await copyImage(plain, secret, 'ck-1', options())).known, false);
  });

  it('removes what killed calls left of their work, and not that of living ones', async () => {
    const work = join(home, 'work');
    // Larger than any process id.
    mkdirSync(join(work, 'copy-99999999-abc/packs'), { recursive: true });
    mkdirSync(join(work, `copy-${process.pid}-abc`));
    mkdirSync(join(work, 'mine'));
    const plain = new MemoryStorage();
    await store(plain, 'ck-1', 2);
    await copyImage(plain, withKeys(new MemoryStorage(), keys), 'ck-1', options());
    assert.deepEqual(readdirSync(work).toSorted(), [`copy-${process.pid}-abc`, 'mine']);
  });
});
