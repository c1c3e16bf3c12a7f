// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { storeImage } from '@grit/image';
import { isGritError, type StorageProvider } from '@grit/plugin-api';
import { MemoryLogger, MemoryStorage } from '@grit/plugin-testing';
import { ImageCache } from '../../src/agent/image-cache.js';
import { NodeDirectories } from '../../src/agent/node-directories.js';
import type { ImageCacheLimits } from '../../src/agent/trim-images.js';
import { never } from '../catalog/test-catalog.js';

const BYTES = 1024 * 1024;
const LIMITS: ImageCacheLimits = { keepBytes: 10 * BYTES, minFree: 0, maxIdleMs: 60_000 };

describe('the images on the disk of a node', () => {
  let root: string;
  let directories: NodeDirectories;
  let storage: CountingStorage;
  let caches: ImageCache[];
  const context = { signal: never, onProgress: () => undefined };

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'grit-images-'));
    directories = new NodeDirectories(join(root, 'node'));
    storage = new CountingStorage();
    caches = [];
    for (const id of ['ck-1', 'ck-2', 'ck-3']) await store(id);
  });

  afterEach(async () => {
    for (const cache of caches) await cache.close();
    await rm(root, { recursive: true, force: true });
  });

  function open(limits: Partial<ImageCacheLimits> = {}): ImageCache {
    const cache = new ImageCache(directories, { ...LIMITS, ...limits }, new MemoryLogger());
    caches.push(cache);
    return cache;
  }

  async function store(id: string): Promise<void> {
    const path = join(root, id);
    await writeFile(path, Buffer.alloc(BYTES, `${id} `));
    const writer = await storage.memory.begin(id, never);
    const part = { name: 'pages', kind: 'memory' as const, path, size: BYTES };
    const runtime = { driver: 'test', version: 1, data: {} };
    const workload = { kind: 'container', name: 'job' };
    const facts = { checkpoint: id, createdAt: 1, node: 'n', workload, runtime, facts: {}, timings: [] };
    await storeImage(writer, [part], facts, { signal: never });
  }

  const wanted = (checkpoint: string) => ({ checkpoint, storage: storage.provider });
  const there = (): Promise<string[]> => readdir(directories.images);
  const use = async (cache: ImageCache, checkpoint: string): Promise<void> => {
    await cache.take(wanted(checkpoint), `rt-${checkpoint}`, context);
    await cache.giveBack(`rt-${checkpoint}`);
  };
  /** As if it had been asked for so long ago. */
  const age = async (checkpoint: string, ms: number): Promise<void> => {
    const then = new Date(Date.now() - ms);
    await utimes(directories.image(checkpoint), then, then);
  };

  it('are fetched once, however many want them at the same time', async () => {
    const cache = open();
    const [first, second] = await Promise.all([
      cache.take(wanted('ck-1'), 'rt-1', context),
      cache.take(wanted('ck-1'), 'rt-2', context),
      cache.prefetch(wanted('ck-1'), context),
    ]);
    assert.deepEqual(first, second);
    const [part] = first.parts;
    assert.match(await readFile(part?.path ?? '', 'utf8'), /^ck-1 ck-1/);
    assert.equal(storage.opened('ck-1'), 1);
  });

  it('are found by a restore after a prefetch, also by the next agent', async () => {
    await open().prefetch(wanted('ck-1'), context);
    await open().take(wanted('ck-1'), 'rt-1', context);
    assert.equal(storage.opened('ck-1'), 1);
  });

  it('go on being fetched between a prefetch that is called off and the restore', async () => {
    const cache = open();
    const stop = new AbortController();
    storage.hold();
    const prefetch = cache.prefetch(wanted('ck-1'), { ...context, signal: stop.signal });
    await storage.asked();
    stop.abort();
    await assert.rejects(prefetch, (error) => isGritError(error) && error.code === 'GRIT_ABORTED');
    const taken = cache.take(wanted('ck-1'), 'rt-1', context);
    storage.goOn();
    await taken;
    assert.equal(storage.opened('ck-1'), 1);
  });

  it('are fetched another way where the one of a prefetch has failed', async () => {
    const cache = open();
    const broken = new CountingStorage();
    broken.hold();
    const prefetch = cache.prefetch({ checkpoint: 'ck-1', storage: broken.provider }, context);
    await broken.asked();
    const taken = cache.take(wanted('ck-1'), 'rt-1', context);
    broken.goOn();
    await assert.rejects(prefetch, (error) => isGritError(error) && error.code === 'GRIT_CHECKPOINT_NOT_FOUND');
    assert.equal((await taken).parts.length, 1);
  });

  it('of another digest than was asked for are not taken', async () => {
    const cache = open();
    await cache.prefetch(wanted('ck-1'), context);
    const other = { ...wanted('ck-1'), digest: `sha256:${'0'.repeat(64)}` };
    await assert.rejects(cache.take(other, 'rt-1', context), (error) => {
      return isGritError(error) && error.code === 'GRIT_IMAGE_MANIFEST_INVALID';
    });
  });

  it('are there for the restore that a prefetch was for, also when they are more than is kept', async () => {
    const cache = open({ keepBytes: 0 });
    await cache.prefetch(wanted('ck-1'), context);
    await cache.prefetch(wanted('ck-2'), context);
    await cache.take(wanted('ck-1'), 'rt-1', context);
    assert.equal(storage.opened('ck-1'), 1);
    await cache.giveBack('rt-1');
    assert.deepEqual(await there(), ['ck-2'], 'the other one is expected still');
    await open({ keepBytes: 0, minFree: 1 }).trim();
    assert.deepEqual(await there(), []);
  });

  it('stay within the quota: those that were not asked for for the longest time go, those in use never', async () => {
    const cache = open({ keepBytes: 1.5 * BYTES });
    await cache.take(wanted('ck-1'), 'rt-1', context);
    await use(cache, 'ck-2');
    await age('ck-2', 5_000);
    await use(cache, 'ck-3');
    assert.deepEqual(await there(), ['ck-1', 'ck-3']);
    await age('ck-1', 10_000);
    await cache.giveBack('rt-1');
    assert.deepEqual(await there(), ['ck-3']);
  });

  it('go when nothing is to be kept, when they are old, and when the disk is full', async () => {
    const none = open({ keepBytes: 0 });
    await none.take(wanted('ck-1'), 'rt-1', context);
    await none.giveBack('rt-1');
    assert.deepEqual(await there(), []);
    const cache = open();
    await cache.prefetch(wanted('ck-2'), context);
    await age('ck-2', LIMITS.maxIdleMs + 1_000);
    await cache.trim();
    assert.deepEqual(await there(), []);
    await cache.prefetch(wanted('ck-3'), context);
    await open({ minFree: 1 }).trim();
    assert.deepEqual(await there(), []);
  });

  it('are in use for as long as their restore is there, also after an agent that died', async () => {
    const nothing = { keepBytes: 0 };
    await open(nothing).take(wanted('ck-1'), 'rt-1', context);
    await open(nothing).trim();
    assert.deepEqual(await there(), ['ck-1']);
    await rm(directories.restore('rt-1'), { recursive: true });
    await open(nothing).trim();
    assert.deepEqual(await there(), []);
  });

  it('go when their checkpoint is discarded, but for those in use', async () => {
    const cache = open();
    await cache.prefetch(wanted('ck-1'), context);
    await cache.take(wanted('ck-2'), 'rt-2', context);
    for (const id of ['ck-1', 'ck-2', 'ck-3']) await cache.drop(id);
    assert.deepEqual(await there(), ['ck-2']);
  });

  it('that are not whole count for nothing, and go when nobody goes on with them', async () => {
    await mkdir(join(directories.image('ck-9'), 'files'), { recursive: true });
    const cache = open();
    await cache.trim();
    assert.deepEqual(await there(), ['ck-9']);
    await age('ck-9', 3_600_000);
    await cache.trim();
    assert.deepEqual(await there(), []);
  });
});

/** A store that counts which images are opened, and may be held up. */
class CountingStorage {
  readonly memory = new MemoryStorage();
  readonly #opened: string[] = [];
  #gate = Promise.withResolvers<undefined>();
  #asked = Promise.withResolvers<undefined>();

  constructor() {
    this.#gate.resolve(undefined);
  }

  readonly provider = new Proxy<StorageProvider>(this.memory, {
    get: (target, name) => {
      const value: unknown = Reflect.get(target, name);
      if (typeof value !== 'function') return value;
      const call = value.bind(target) as (...args: unknown[]) => unknown;
      if (name !== 'open') return call;
      return async (id: string, ...more: unknown[]) => {
        this.#opened.push(id);
        this.#asked.resolve(undefined);
        await this.#gate.promise;
        return call(id, ...more);
      };
    },
  });

  opened(id: string): number {
    return this.#opened.filter((one) => one === id).length;
  }

  hold(): void {
    this.#gate = Promise.withResolvers();
  }

  goOn(): void {
    this.#gate.resolve(undefined);
  }

  async asked(): Promise<void> {
    await this.#asked.promise;
  }
}
