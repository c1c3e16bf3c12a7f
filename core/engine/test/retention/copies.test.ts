// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CheckpointRecord, OperationStatus } from '@grit/plugin-api';
import { startTestPlatform, type TestPlatform } from '@grit/plugin-testing';
import { PvcStorage } from '@grit/storage-pvc';
import { copyImage } from '../../src/image/copy-image.js';

const never = new AbortController().signal;
const workload = { kind: 'container', name: 'train' };

describe('checkpoints in several storages', function () {
  this.timeout(120_000);
  let platform: TestPlatform;
  let home = '';
  const image = (store: string, id: string): string => join(home, store, 'images', id);
  const record = (id: string): Promise<CheckpointRecord> => platform.client.getCheckpoint(id, never);
  const succeed = async (request: Parameters<TestPlatform['run']>[0]): Promise<OperationStatus> => {
    const status = await platform.run(request);
    assert.equal(status.phase, 'Succeeded', JSON.stringify(status.error));
    return status;
  };
  const copyTo = async (other: string, id: string): Promise<void> => {
    const [from, to] = ['store', other].map((name) => new PvcStorage({ path: join(home, name) }));
    assert.ok(from !== undefined && to !== undefined);
    const copied = await copyImage(from, to, id, { signal: never, workDirectory: join(home, 'work') });
    await platform.client.addCopy(id, { storage: other, digest: copied.digest, of: copied.sourceDigest }, never);
  };
  /** A workload that was stopped, and its checkpoint in both stores. */
  const checkpointed = async (): Promise<string> => {
    await succeed({ kind: 'run', spec: { name: 'train', command: ['count'] } });
    const { checkpoint = '' } = await succeed({ kind: 'checkpoint', workload, afterCheckpoint: 'stop' });
    await copyTo('other', checkpoint);
    return checkpoint;
  };

  beforeEach(async () => {
    home = mkdtempSync(join(tmpdir(), 'grit-copies-'));
    const store = (name: string) => ({ use: '@grit/storage-pvc', config: { path: join(home, name) } });
    platform = await startTestPlatform({ queue: 'memory', plugins: { store: store('store'), other: store('other') } });
  });
  afterEach(async () => {
    await platform.stop();
    rmSync(home, { recursive: true, force: true });
  });

  it('a restore takes the copy when the first image is lost or damaged, and says so', async () => {
    const checkpoint = await checkpointed();
    rmSync(image('store', checkpoint), { recursive: true });
    const { result } = await succeed({ kind: 'restore', checkpoint });
    assert.equal((result as { readonly storage?: string }).storage, 'other');
  });

  it('a restore from the storage that is named takes that and no other', async () => {
    const checkpoint = await checkpointed();
    rmSync(image('store', checkpoint), { recursive: true });
    const failed = await platform.run({ kind: 'restore', checkpoint, storage: 'store' });
    assert.deepEqual([failed.phase, failed.error?.code], ['Failed', 'GRIT_CHECKPOINT_NOT_FOUND']);
    const nowhere = await platform.run({ kind: 'restore', checkpoint, storage: 'third' });
    assert.equal(nowhere.error?.code, 'GRIT_REQUEST_INVALID');
    assert.match(nowhere.error.hint, /It is in store, other/);
    rmSync(image('other', checkpoint), { recursive: true });
    const both = await platform.run({ kind: 'restore', checkpoint });
    assert.match(both.error?.message ?? '', /; other: /);
    assert.equal((await record(checkpoint)).phase, 'Ready');
  });

  it('a delete in one storage leaves the other; one without a storage takes all', async () => {
    const checkpoint = await checkpointed();
    const wrong = await platform.run({ kind: 'delete', checkpoint, storage: 'third' });
    assert.equal(wrong.error?.code, 'GRIT_REQUEST_INVALID');
    await succeed({ kind: 'delete', checkpoint, storage: 'store' });
    assert.deepEqual([existsSync(image('store', checkpoint)), existsSync(image('other', checkpoint))], [false, true]);
    const left = await record(checkpoint);
    assert.deepEqual([left.storage, left.copies], ['other', undefined]);
    await succeed({ kind: 'restore', checkpoint });
    await succeed({ kind: 'delete', checkpoint, storage: 'other' });
    await assert.rejects(record(checkpoint), { code: 'GRIT_CHECKPOINT_NOT_FOUND' });
    const { checkpoint: second = '' } = await succeed({ kind: 'checkpoint', workload });
    await copyTo('other', second);
    await succeed({ kind: 'delete', checkpoint: second });
    assert.deepEqual([existsSync(image('store', second)), existsSync(image('other', second))], [false, false]);
  });

  it('a pinned one is deleted nowhere, until it is let go', async () => {
    const checkpoint = await checkpointed();
    assert.equal((await platform.client.pinCheckpoint(checkpoint, true, never)).pinned, true);
    for (const storage of [undefined, 'store', 'other']) {
      const refused = await platform.run({ kind: 'delete', checkpoint, storage });
      assert.equal(refused.error?.code, 'GRIT_CHECKPOINT_PINNED', storage);
      assert.equal(refused.error.hint, `grit unpin ${checkpoint} lets it go.`);
    }
    assert.ok(existsSync(image('store', checkpoint)) && existsSync(image('other', checkpoint)));
    await platform.client.pinCheckpoint(checkpoint, false, never);
    await succeed({ kind: 'delete', checkpoint });
    await assert.rejects(platform.client.pinCheckpoint(checkpoint, true, never), { code: 'GRIT_CHECKPOINT_NOT_FOUND' });
  });
});
