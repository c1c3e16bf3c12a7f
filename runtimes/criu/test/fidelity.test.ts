// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { WorkloadRef } from '@grit/plugin-api';
import { eventually } from './node/eventually.js';
import { missingTools } from './node/missing-tools.js';
import { NEVER, TestNode } from './node/test-node.js';

const WORKLOADS = join(import.meta.dirname, 'workloads');

describe('a job that is checkpointed', () => {
  let here: TestNode;
  let there: TestNode;

  before(async function () {
    const missing = await missingTools();
    if (missing !== undefined) this.skip(missing);
  });
  beforeEach(async () => {
    here = await TestNode.open();
    there = await TestNode.open();
  });
  afterEach(async () => {
    await here.close();
    await there.close();
  });

  it('goes on at another node with its pids, threads, pipes, locks, deleted and shared files', async () => {
    const workload = await here.start({
      name: 'everything',
      command: ['/usr/bin/python3', join(WORKLOADS, 'everything.py')],
      env: { MARK: 'as before' },
    });
    await eventually('it works', async () => (await here.log(workload)).includes('round 5'));
    const { held, source } = await here.dump(workload, 'c-1');
    const log = await here.log(workload);
    await here.driver.release(held.hold, 'stop', NEVER);
    assert.equal(await here.log(workload), log, 'it wrote something after the dump');
    assert.equal((await here.launcher.inspect(workload, NEVER)).exitCode, 137);

    await there.restore(source, workload);
    const rounds = countRounds(log);
    await eventually('it goes on', async () => countRounds(await there.log(workload)) > rounds + 5);
    // A second hop, from the restored copy.
    const second = await there.dump(workload, 'c-2');
    await there.driver.release(second.held.hold, 'stop', NEVER);
    await here.launcher.remove(workload, NEVER);
    await here.restore(second.source, workload);
    await writeFile(here.file(workload, '/var/tmp/job/finish'), '');
    const ended = await exitOf(here, workload);
    assert.equal(ended.exitCode, 7);
    assert.equal(ended.restoredFrom, 'c-2');
    const lines = (await here.log(workload)).trim().split('\n');
    const identity = lines[0]?.slice('ready '.length);
    assert.match(identity ?? '', /^1 \d+ as before$/);
    assert.deepEqual(
      lines.slice(1),
      lines.slice(1).map((_line, index) => `round ${index + 1} ${identity}`),
    );
  });

  it('keeps whiteouts, opaque directories, hard links, xattrs, holes, modes and times of its files', async () => {
    const workload = await here.start({ name: 'files', command: ['/bin/sh', join(WORKLOADS, 'files.sh')] });
    await eventually('the files are made', async () => (await here.log(workload)).includes('done'));
    const { held, source } = await here.dump(workload, 'c-1');
    await here.driver.release(held.hold, 'stop', NEVER);
    await there.restore(source, workload);
    await writeFile(there.file(workload, '/job/finish'), '');
    assert.equal((await exitOf(there, workload)).exitCode, 5);
  });

  it('does not run one instruction between the dump and the release', async () => {
    const directory = join(here.directory, 'counter');
    await mkdir(directory);
    const file = join(directory, 'value');
    await writeFile(file, Buffer.alloc(8));
    const workload = await here.start({
      name: 'busy',
      command: ['/usr/bin/python3', join(WORKLOADS, 'busy.py')],
      mounts: [{ source: directory, destination: '/counter' }],
    });
    const count = async (): Promise<bigint> => (await readFile(file)).readBigUInt64LE();
    await eventually('it counts', async () => (await count()) > 1_000n);
    const { held } = await here.dump(workload, 'c-1');
    const after = await count();
    // The host's file and the memory in the image are the same page: what was dumped is what is seen now.
    await eventually('time passes', async () => Date.now() > held.hold.since + 500);
    assert.equal(await count(), after);
    await here.driver.release(held.hold, 'resume', NEVER);
    await eventually('it counts again', async () => (await count()) > after);
  });

  it('has an image whose parts are named by their kinds, and timings of every phase', async () => {
    const workload = await here.start({ name: 'parts', command: ['sleep', '1000'] });
    const begin = performance.now();
    const { held, source } = await here.dump(workload, 'c-1');
    const total = performance.now() - begin;
    const kinds = new Map(source.parts.map(({ name, kind }) => [name, kind]));
    assert.equal(kinds.get('rootfs.tar'), 'rootfs');
    assert.equal(kinds.get('log'), 'log');
    assert.equal(kinds.get('criu/pages-1.img'), 'memory');
    assert.equal(kinds.get('criu/inventory.img'), 'runtime');
    const sum = held.timings.reduce((ms, timing) => ms + timing.ms, 0);
    assert.ok(sum <= total, `${sum} ms of ${total} ms`);
    assert.deepEqual(
      held.timings.map(({ phase }) => phase),
      ['hold', 'freeze', 'dump', 'seal'],
    );
  });

  it('may be restored on a node whose directory is on another file system', async function () {
    const elsewhere = await TestNode.open({}, `/dev/shm/grit-criu-${process.pid}`);
    try {
      const workload = await here.start({ name: 'tmpfs', command: ['sh', '-c', 'echo x >/kept; sleep 1000'] });
      await eventually('the file is there', async () => (await readdir(here.file(workload, '/'))).includes('kept'));
      const { held, source } = await here.dump(workload, 'c-1');
      await here.driver.release(held.hold, 'stop', NEVER);
      await elsewhere.restore(source, workload);
      assert.equal(await readFile(elsewhere.file(workload, '/kept'), 'utf8'), 'x\n');
    } finally {
      await elsewhere.close();
    }
  });
});

function countRounds(log: string): number {
  return log.split('\n').filter((line) => line.startsWith('round ')).length;
}

async function exitOf(
  node: TestNode,
  workload: WorkloadRef,
): Promise<Awaited<ReturnType<TestNode['launcher']['inspect']>>> {
  await eventually('it ends', async () => (await node.launcher.inspect(workload, NEVER)).state === 'exited');
  return node.launcher.inspect(workload, NEVER);
}
