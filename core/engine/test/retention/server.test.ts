// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { ImageStorageReader } from '@grit/plugin-api';
import { MemoryStorage, startTestPlatform, type TestPlatform } from '@grit/plugin-testing';

const never = new AbortController().signal;
const workload = { kind: 'container', name: 'train' };

/** Until it is so; mocha's timeout says when it never will be. */
async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await delay(20);
}

/** A store whose images can be made to open only later. */
class GatedStorage extends MemoryStorage {
  gate: Promise<undefined> | undefined;
  waiting = 0;

  override async open(id: string, signal: AbortSignal): Promise<ImageStorageReader> {
    this.waiting += 1;
    await this.gate;
    return super.open(id, signal);
  }
}

describe('retention of a server', function () {
  this.timeout(120_000);
  let platform: TestPlatform;
  let home = '';
  beforeEach(() => void (home = mkdtempSync(join(tmpdir(), 'grit-retention-'))));
  afterEach(async () => {
    await platform.stop();
    rmSync(home, { recursive: true, force: true });
  });

  const succeed = async (request: Parameters<TestPlatform['run']>[0]): Promise<string> => {
    const status = await platform.run(request);
    assert.equal(status.phase, 'Succeeded', JSON.stringify(status.error));
    return status.checkpoint ?? '';
  };
  const start = () => succeed({ kind: 'run', spec: { name: 'train', command: ['count'] } });

  it('keeps what the policy says after each checkpoint, by ordinary operations', async () => {
    const path = join(home, 'store');
    const store = { use: '@grit/storage-pvc', config: { path }, retention: { keepLast: 2 } };
    platform = await startTestPlatform({ queue: 'memory', plugins: { store } });
    await start();
    const made: string[] = [];
    for (let at = 0; at < 4; at++) made.push(await succeed({ kind: 'checkpoint', workload }));
    const kept = made.slice(2).toSorted();
    await until(async () => (await platform.client.listCheckpoints({}, never)).length === 2);
    assert.deepEqual((await platform.client.listCheckpoints({}, never)).map(({ id }) => id).toSorted(), kept);
    assert.deepEqual(readdirSync(join(path, 'images')).toSorted(), kept);
    const operations = await platform.client.listOperations({}, never);
    const deletes = operations.filter(({ request }) => request.kind === 'delete');
    assert.ok(deletes.length >= 2);
    for (const { request } of deletes) assert.equal(request.requestedBy, 'retention');
  });

  it('a checkpoint with a short life of its own goes when there is a later one, not before', async () => {
    const store = { use: '@grit/storage-pvc', config: { path: join(home, 'store') } };
    platform = await startTestPlatform({ queue: 'memory', plugins: { store } });
    await start();
    const first = await succeed({ kind: 'checkpoint', workload, ttlMs: 1 });
    assert.equal((await platform.client.getCheckpoint(first, never)).phase, 'Ready');
    const second = await succeed({ kind: 'checkpoint', workload });
    await until(async () => (await platform.client.listCheckpoints({}, never)).length === 1);
    assert.equal((await platform.client.listCheckpoints({}, never))[0]?.id, second);
  });

  it('a checkpoint that is being restored cannot be deleted', async () => {
    const storage = new GatedStorage();
    platform = await startTestPlatform({ queue: 'memory', storage });
    await start();
    const checkpoint = await succeed({ kind: 'checkpoint', workload, afterCheckpoint: 'stop' });
    const gate = Promise.withResolvers<undefined>();
    storage.gate = gate.promise;
    storage.waiting = 0;
    const restored = platform.run({ kind: 'restore', checkpoint });
    await until(async () => storage.waiting > 0);
    const refused = await platform.run({ kind: 'delete', checkpoint });
    assert.equal(refused.error?.code, 'GRIT_WORKLOAD_BUSY');
    assert.match(refused.error.message, /is in use by restore op-/);
    gate.resolve(undefined);
    const status = await restored;
    assert.equal(status.phase, 'Succeeded', JSON.stringify(status.error));
    await succeed({ kind: 'delete', checkpoint });
    const gone = await platform.run({ kind: 'restore', checkpoint });
    assert.equal(gone.error?.code, 'GRIT_CHECKPOINT_NOT_FOUND');
  });
});
