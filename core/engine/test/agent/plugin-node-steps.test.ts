// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isGritError, type ContainerChoice, type NodeStepContext, type WorkloadRef } from '@grit/plugin-api';
import { MemoryLogger, MemoryNode, MemoryRuntimeDriver, MemoryStorage } from '@grit/plugin-testing';
import { dataPlaneOf } from '../../src/agent/data-plane.js';
import { ImageCache } from '../../src/agent/image-cache.js';
import { NodeDirectories } from '../../src/agent/node-directories.js';
import { PluginNodeSteps } from '../../src/agent/plugin-node-steps.js';
import { imageCacheLimits } from '../../src/agent/trim-images.js';
import { never } from '../catalog/test-catalog.js';

const workload: WorkloadRef = { kind: 'container', name: 'job' };
const hasCode = (code: string) => (error: unknown) => isGritError(error) && error.code === code;

describe('the steps of a node, for a plugin', () => {
  const caches: ImageCache[] = [];
  let root: string;
  let node: MemoryNode;
  let driver: MemoryRuntimeDriver;
  let storage: MemoryStorage;
  let context: NodeStepContext;

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'grit-steps-'));
    node = new MemoryNode();
    driver = new MemoryRuntimeDriver({ node });
    storage = new MemoryStorage();
    context = { storage, signal: never, onProgress: () => undefined };
    await driver.start({ name: 'job', command: ['count'] }, never);
  });

  afterEach(async () => {
    for (const cache of caches.splice(0)) await cache.close();
    await rm(root, { recursive: true, force: true });
  });

  /** An agent that has just started; its node, its disk and its store are those of the one before. */
  function steps(runtime = new MemoryRuntimeDriver({ node })): PluginNodeSteps {
    const directories = new NodeDirectories(root);
    const images = new ImageCache(directories, imageCacheLimits({ keepMiB: 0 }), new MemoryLogger());
    caches.push(images);
    return new PluginNodeSteps(
      Promise.resolve({
        node: 'node-1',
        driver: runtime,
        launcher: undefined,
        storages: new Map(),
        factories: new Map([['pvc', { id: 'storage-memory', open: () => Promise.resolve(storage) }]]),
        directories,
        images,
        dataPlane: dataPlaneOf({ memoryMiB: 64, threads: 1 }),
        logger: new MemoryLogger(),
      }),
    );
  }

  const dump = { workload, checkpoint: 'ck-1', tcp: 'close' } as const;
  const restore = { checkpoint: 'ck-1', workload, restore: 'rt-1', tcp: 'close' } as const;

  it('tell the runtime which containers are wanted, before the freeze and for the dump', async () => {
    const told: unknown[] = [];
    const tell = { preflight: driver.preflight.bind(driver), checkpoint: driver.checkpoint.bind(driver) };
    driver.preflight = async (ref, options: { readonly containers?: ContainerChoice }, signal) => {
      told.push(options.containers);
      return tell.preflight(ref, options, signal);
    };
    driver.checkpoint = async (ref, sink, options, signal) => {
      told.push(options.containers);
      return tell.checkpoint(ref, sink, options, signal);
    };
    const containers = { exclude: ['log'] };
    await steps(driver).dump({ ...dump, containers }, context);
    assert.deepEqual(told, [containers, containers]);
  });

  it('dump, store and restore, each by another agent', async () => {
    assert.ok((await steps().dump(dump, context)).length > 0);
    assert.equal((await driver.inspect(workload, never)).state, 'held');
    const image = await steps().store('ck-1', context);
    assert.match(image.digest, /^sha256:/);
    assert.ok(image.size > 0 && image.stored > 0);
    await steps().release('ck-1', 'stop', never);
    assert.equal((await driver.inspect(workload, never)).state, 'exited');
    await driver.remove(workload, never);
    const { digest } = image;
    assert.deepEqual(
      (await steps().prefetch({ checkpoint: 'ck-1', digest }, context)).map(({ phase }) => phase),
      ['fetch'],
    );
    const timings = await steps().restore({ ...restore, digest }, context);
    assert.equal((await driver.inspect(workload, never)).restoredFrom, 'ck-1');
    assert.deepEqual(await steps().restore({ ...restore, digest }, context), timings, 'the next agent says the same');
  });

  it('are the same again after their end', async () => {
    const first = await steps().dump(dump, context);
    assert.deepEqual(await steps().dump(dump, context), first);
    const image = await steps().store('ck-1', context);
    assert.deepEqual(await steps().store('ck-1', context), image);
    assert.deepEqual(await steps().dump(dump, context), first, 'also when its files are gone');
    await steps().release('ck-1', 'resume', never);
    await steps().release('ck-1', 'resume', never);
    assert.equal((await driver.inspect(workload, never)).state, 'running');
  });

  it('take a first image while the workload goes on, which the second one replaces', async () => {
    assert.ok((await steps().precopy(dump, context)).length > 0);
    assert.equal((await driver.inspect(workload, never)).state, 'running');
    const ids = async (): Promise<string[]> => {
      const found: string[] = [];
      for await (const { id } of storage.list(never)) found.push(id);
      return found;
    };
    assert.deepEqual(await ids(), ['ck-1-precopy']);
    assert.ok((await steps().precopy(dump, context)).length > 0, 'again, after a crash');
    await steps().dump(dump, context);
    assert.equal((await driver.inspect(workload, never)).state, 'held');
    await steps().store('ck-1', context);
    assert.deepEqual(await ids(), ['ck-1']);
    assert.deepEqual(await steps().precopy(dump, context), []);
    await steps().undo('ck-1', storage, never);
    assert.deepEqual(await ids(), []);
  });

  it('undo a checkpoint: the workload goes on, nothing is left', async () => {
    await steps().dump(dump, context);
    await steps().undo('ck-1', storage, never);
    assert.equal((await driver.inspect(workload, never)).state, 'running');
    assert.deepEqual(await readdir(join(root, 'dumps')), []);
    await steps().undo('ck-1', undefined, never);
  });

  it('take a stored image back on any node, with what a precopy has left', async () => {
    await steps().precopy(dump, context);
    await steps().dump(dump, context);
    await steps().store('ck-1', context);
    await steps().release('ck-1', 'resume', never);
    await steps().precopy({ ...dump, checkpoint: 'ck-2' }, context);
    // What this node remembers of it another one does not.
    await rm(join(root, 'dumps'), { recursive: true });
    const elsewhere = await mkdtemp(join(tmpdir(), 'grit-steps-'));
    const here = root;
    try {
      root = elsewhere;
      for (let times = 0; times < 2; times += 1) {
        for (const id of ['ck-1', 'ck-2'])
          await steps(new MemoryRuntimeDriver({ node: new MemoryNode() })).undo(id, storage, never);
      }
    } finally {
      root = here;
      await rm(elsewhere, { recursive: true, force: true });
    }
    for await (const { id } of storage.list(never)) assert.fail(`${id} is left`);
  });

  it('refuse an image that is not the one that was asked for', async () => {
    await steps().dump(dump, context);
    await steps().store('ck-1', context);
    await steps().release('ck-1', 'stop', never);
    await driver.remove(workload, never);
    const other = { ...restore, digest: `sha256:${'0'.repeat(64)}` };
    await assert.rejects(steps().restore(other, context), hasCode('GRIT_IMAGE_MANIFEST_INVALID'));
    assert.equal(await steps().abandon(restore, never), true);
    assert.equal((await driver.inspect(workload, never)).state, 'missing');
  });

  it('say of a restore that has succeeded that it was not taken back', async () => {
    const restored = { restore: 'rt-1', status: { workload, state: 'exited' as const }, timings: [] };
    driver.abandonRestore = () => Promise.resolve(restored);
    assert.equal(await steps(driver).abandon(restore, never), false);
  });

  it('open stores by the id of their plugin, and name those that there are', async () => {
    assert.equal(await steps().openStore({ plugin: 'storage-memory', config: {} }, never), storage);
    await assert.rejects(steps().openStore({ plugin: 'storage-blob', config: {} }, never), (error) => {
      return hasCode('GRIT_STORAGE_UNKNOWN')(error) && (error as { hint: string }).hint.includes('storage-memory');
    });
  });

  it('say what this runtime cannot do', async () => {
    await assert.rejects(steps().gate(never), hasCode('GRIT_UNSUPPORTED'));
    await assert.rejects(steps().rootOf(workload, never), hasCode('GRIT_UNSUPPORTED'));
    const none = new PluginNodeSteps(Promise.reject(new Error('a server')));
    await assert.rejects(none.probe(never), /a server/);
  });
});
