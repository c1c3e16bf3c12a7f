// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { OperationStatus } from '@grit/plugin-api';
import type { Machine } from '../machine/machine.js';
import { Counted, apiVersion, failed, never, partOf } from './counted.js';
import { flipByte, largestObject, partsOf } from './damage.js';

const run = promisify(execFile);

/** A store that fails in the middle of a checkpoint. */
export function storeFaults(platform: () => Machine): void {
  let machine: Machine;
  let counted: Counted;

  before(async () => {
    machine = platform();
    counted = await Counted.start(machine, 'stored');
  });

  /** A checkpoint, stopped at the point, with something done to the store there. */
  async function interrupted(point: string, act: () => Promise<void>): Promise<OperationStatus> {
    await machine.barriers.set(point);
    const request = { apiVersion, kind: 'checkpoint', workload: counted.workload, afterCheckpoint: 'hold' } as const;
    const { id } = await machine.client.submit(request, never);
    await machine.barriers.untilReached(point);
    try {
      await act();
    } finally {
      await machine.barriers.lift(point);
    }
    return machine.end(id);
  }

  const faults = [
    [{ at: 'put.before', errno: 'ENOSPC', afterBytes: 4096 }, 'GRIT_STORAGE_FULL'],
    [{ at: 'put.before', errno: 'EROFS' }, 'GRIT_STORAGE_READ_ONLY'],
    [{ at: 'put.before', errno: 'EIO', afterBytes: 4096 }, 'GRIT_STORAGE_IO'],
    [{ at: 'put.before', afterBytes: 4096 }, 'GRIT_IMAGE_PART_TRUNCATED'],
    [{ at: 'read.before', errno: 'EIO', afterBytes: 4096 }, 'GRIT_STORAGE_IO'],
    [{ at: 'commit.before', errno: 'ENOSPC' }, 'GRIT_STORAGE_FULL'],
  ] as const;
  for (const fault of faults) {
    const [{ at, ...what }, code] = fault;
    it(`${JSON.stringify(what)} at ${at}: ${code}`, async () => {
      await machine.barriers.plant(fault[0]);
      try {
        const status = await counted.checkpoint();
        await counted.undone(status, code);
        if (at !== 'commit.before') assert.notEqual(partOf(status), '');
        assert.equal(await counted.isStored(status), false);
      } finally {
        await machine.barriers.clear(at);
      }
    });
  }

  it('a disk that is really full, then really read-only', async () => {
    const { store } = counted;
    await run('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', store]);
    try {
      for (const name of ['images', 'writing', 'trash']) await mkdir(join(store, name));
      await writeFile(join(store, '.grit-store'), '');
      const full = await counted.checkpoint();
      await counted.undone(full, 'GRIT_STORAGE_FULL');
      // It was full while the workload was dumped: what could not be written is a pack.
      assert.match(full.error?.message ?? '', /\/pk-[a-z0-9]+/);
      assert.equal(await counted.isStored(full), false);

      await run('mount', ['-o', 'remount,ro', store]);
      const refused = await counted.checkpoint();
      await counted.undone(refused, 'GRIT_STORAGE_READ_ONLY');
      assert.equal(await counted.isStored(refused), false);
    } finally {
      await run('umount', [store]);
    }
  });

  for (const [point, when] of [
    ['put.before', 'before anything is stored'],
    ['commit.after', 'before the image is read back'],
  ] as const) {
    it(`a store that vanishes ${when}`, async () => {
      const away = `${counted.store}-away`;
      let gone: OperationStatus;
      try {
        gone = await interrupted(point, () => rename(counted.store, away));
        await counted.undone(gone, 'GRIT_STORAGE_UNAVAILABLE');
        await assert.rejects(stat(counted.store), { code: 'ENOENT' }, 'the store is not made anew');
      } finally {
        await rename(away, counted.store);
      }
      const { checkpoint } = gone;
      failed(
        await machine.operate({ apiVersion, kind: 'restore', checkpoint }),
        'GRIT_CHECKPOINT_NOT_READY',
        'Unchanged',
      );
      // What could not be removed then is now.
      const removed = await machine.operate({ apiVersion, kind: 'delete', checkpoint });
      assert.equal(removed.outcome, 'Deleted', JSON.stringify(removed.error));
      assert.equal(await counted.isStored(gone), false);
    });
  }

  it('a byte that changes between the commit and the read back', async () => {
    let parts: readonly string[] = [];
    const status = await interrupted('commit.after', async () => {
      const [made] = await machine.client.listCheckpoints({ workload: 'stored' }, never);
      const image = join(counted.store, 'images', made?.id ?? '');
      parts = await partsOf(image);
      await flipByte((await largestObject(image)).path);
    });
    await counted.undone(status, 'GRIT_IMAGE_PART_CORRUPT');
    assert.ok(parts.includes(partOf(status)), partOf(status));
    assert.equal(await counted.isStored(status), false);
  });

  it('a parent that is deleted while its child, which shares its packs, is stored', async () => {
    const parent = await counted.checkpoint();
    assert.equal(parent.outcome, 'Checkpointed', JSON.stringify(parent.error));
    const child = await interrupted('put.before', async () => {
      const request = { apiVersion, kind: 'delete', checkpoint: parent.checkpoint } as const;
      const deleted = await machine.operate(request);
      assert.equal(deleted.outcome, 'Deleted', JSON.stringify(deleted.error));
    });
    assert.equal(child.outcome, 'Checkpointed', JSON.stringify(child.error));
    const { bytes, parent: named } = await machine.client.getCheckpoint(child.checkpoint ?? '', never);
    assert.equal(named, parent.checkpoint);
    assert.ok(bytes !== undefined && bytes.fresh < bytes.data / 2, JSON.stringify(bytes));
    const released = { apiVersion, kind: 'release', workload: counted.workload } as const;
    assert.equal((await machine.operate({ ...released, mode: 'stop' })).outcome, 'Released');
    const restored = await machine.operate({ apiVersion, kind: 'restore', checkpoint: child.checkpoint });
    assert.equal(restored.outcome, 'Restored', JSON.stringify(restored.error));
    await counted.runs();
  });

  it('and nothing of it disturbs the next checkpoint, or makes a failed one a choice for a restore', async () => {
    const made = await machine.client.listCheckpoints({ workload: 'stored' }, never);
    const failure = made.find(({ phase }) => phase === 'Failed');
    const status = await counted.checkpoint();
    assert.equal(status.outcome, 'Checkpointed', JSON.stringify(status.error));
    await counted.runs();
    const restore = await machine.operate({ apiVersion, kind: 'restore', checkpoint: failure?.id });
    failed(restore, 'GRIT_CHECKPOINT_NOT_READY', 'Unchanged');
  });
}
