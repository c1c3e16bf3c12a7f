// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { OperationRequest, OperationStatus, WorkloadRef } from '@grit/plugin-api';
import { CounterLog } from '../machine/counter-log.js';
import { Machine, type Victim } from '../machine/machine.js';

const COUNTER = join(import.meta.dirname, '..', 'machine', 'counter.py');
const signal = new AbortController().signal;

/** Each place where a checkpoint can be interrupted, in its order. */
const CHECKPOINT_POINTS = [
  'checkpoint.before',
  'flush.before',
  'flush.after',
  'checkpoint.after',
  'release.before',
  'release.after',
  'put.before',
  'commit.after',
  'read.before',
];
const CHECKPOINT_VICTIMS: readonly Victim[] = ['agent', 'server', 'redis'];

/** Each place where a migration can be interrupted, with the agent that works there. */
const MIGRATE_POINTS = [
  ['checkpoint.after', 'source'],
  ['commit.after', 'source'],
  ['read.before', 'target'],
  ['prepareRestore.after', 'target'],
  ['release.before', 'source'],
  ['release.after', 'source'],
  ['restore.before', 'target'],
  ['restore.after', 'target'],
  ['remove.before', 'source'],
] as const;

/** What CRIU says in its log when it is in the middle of a dump, and of a restore. */
const DUMPING = ['Dumping core', 'Dumping pages', 'Dumping opened files'];
const RESTORING = ['Restoring namespaces', 'Restoring resources', 'Restore finished successfully'];

describe('kill -9 in the middle of', function () {
  this.timeout(180_000);
  let machine: Machine;
  let log: CounterLog;
  let workload: WorkloadRef;

  /** Starts a counter with some memory to dump. */
  async function start(name: string, mebibytes: number): Promise<void> {
    workload = { kind: 'container', name };
    log = new CounterLog(join(machine.directory, name));
    const command = ['/usr/bin/python3', COUNTER, join('/out', name), '0.005', String(mebibytes)];
    const mounts = [{ source: machine.directory, destination: '/out' }];
    const spec = { name, command, mounts };
    const started = await machine.operate({ apiVersion: 'grit.dev/v1', kind: 'run', spec });
    assert.equal(started.outcome, 'Started', JSON.stringify(started.error));
  }

  before(async () => (machine = await Machine.start()));
  after(() => machine.stop());

  /** To the other node. */
  function migration(from: string): Extract<OperationRequest, { readonly kind: 'migrate' }> {
    return { apiVersion: 'grit.dev/v1', kind: 'migrate', workload, to: from === 'local' ? 'b' : 'local' };
  }

  /** Runs the operation up to the point, kills, and returns how it ended. */
  async function interrupted(request: OperationRequest, point: string, victim: Victim): Promise<OperationStatus> {
    await machine.barriers.set(point);
    const { id } = await machine.client.submit(request, signal);
    await machine.barriers.untilReached(point);
    const killed = machine.kill(victim);
    await machine.barriers.lift(point);
    await killed;
    return machine.end(id);
  }

  /** Whatever happened: one copy runs, where the catalog says, and its log is whole. */
  async function runsOnce(status: OperationStatus): Promise<string> {
    const record = await machine.client.getWorkload(workload.name, signal);
    if (record.state === 'held') {
      assert.equal(status.outcome, 'Held');
      await machine.operate({ apiVersion: 'grit.dev/v1', kind: 'release', workload, mode: 'resume' });
    }
    await log.untilGrown();
    return record.node;
  }

  describe('CRIU in', () => {
    before(() => start('heavy', 96));

    for (const text of DUMPING) {
      it(`the dump of a checkpoint, after "${text}"`, async () => {
        await machine.criu.killAfter(text);
        const status = await machine.operate({ apiVersion: 'grit.dev/v1', kind: 'checkpoint', workload });
        await runsOnce(status);
        assert.equal(status.error?.code, 'GRIT_DUMP_FAILED');
        assert.equal(status.outcome, 'Resumed');
        const checkpoint = await machine.client.getCheckpoint(status.checkpoint ?? '', signal);
        assert.equal(checkpoint.phase, 'Failed');
      });
    }

    it('the dump of a migration', async () => {
      const { node } = await machine.client.getWorkload(workload.name, signal);
      await machine.criu.killAfter(DUMPING[1] ?? '');
      const status = await machine.operate(migration(node));
      assert.equal(await runsOnce(status), node);
      assert.equal(status.error?.code, 'GRIT_DUMP_FAILED');
      assert.equal(status.outcome, 'Resumed');
    });

    for (const text of RESTORING) {
      it(`the restore of a migration, after "${text}", once`, async () => {
        const { node } = await machine.client.getWorkload(workload.name, signal);
        const request = migration(node);
        await machine.barriers.set('restore.before');
        const { id } = await machine.client.submit(request, signal);
        await machine.barriers.untilReached('restore.before');
        await machine.criu.killAfter(text);
        await machine.barriers.lift('restore.before');
        const status = await machine.end(id);
        const now = await runsOnce(status);
        assert.equal(status.outcome, 'Migrated', JSON.stringify(status));
        assert.equal(now, request.to);
      });
    }
  });

  describe('a checkpoint', () => {
    before(() => start('counter', 0));

    for (const point of CHECKPOINT_POINTS) {
      for (const victim of CHECKPOINT_VICTIMS) {
        it(`at ${point}: ${victim}`, async () => {
          const request = {
            apiVersion: 'grit.dev/v1',
            kind: 'checkpoint',
            workload,
            afterCheckpoint: 'resume',
          } as const;
          const status = await interrupted(request, point, victim);
          await runsOnce(status);
          assert.equal(status.phase, 'Succeeded', JSON.stringify(status));
          const checkpoint = await machine.client.getCheckpoint(status.checkpoint ?? '', signal);
          assert.equal(checkpoint.phase, 'Ready');
        });
      }
    }
  });

  describe('a migration', () => {
    for (const [point, at] of MIGRATE_POINTS) {
      for (const victim of ['agent', 'server', 'redis'] as const) {
        it(`at ${point}: ${victim === 'agent' ? `agent of the ${at}` : victim}`, async () => {
          const { node } = await machine.client.getWorkload(workload.name, signal);
          const request = migration(node);
          const { to } = request;
          const agent = (at === 'source' ? node : to) === 'b' ? 'agent-b' : 'agent';
          const status = await interrupted(request, point, victim === 'agent' ? agent : victim);
          const now = await runsOnce(status);
          assert.equal(status.phase, 'Succeeded', JSON.stringify(status));
          assert.equal(now, to);
        });
      }
    }
  });
});
