// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { OperationStatus } from '@grit/plugin-api';
import type { Machine } from '../machine/machine.js';
import { until } from '../machine/until.js';
import { Counted, apiVersion, failed, never } from './counted.js';

const UNCHECKPOINTABLE = join(import.meta.dirname, 'uncheckpointable.py');

/** Workloads and nodes that an operation refuses, and what stops it midway without harm. */
export function refusedWorkloads(platform: () => Machine): void {
  let machine: Machine;
  let counted: Counted;

  before(async () => {
    machine = platform();
    counted = await Counted.start(machine, 'counter');
  });

  const checkpointOf = async (name: string): Promise<OperationStatus> =>
    machine.operate({ apiVersion, kind: 'checkpoint', workload: { kind: 'container', name } });

  it('an unknown workload', async () => {
    failed(await checkpointOf('nobody'), 'GRIT_WORKLOAD_NOT_FOUND', 'Unchanged');
  });

  it('a workload that has ended', async () => {
    await start('ended', ['/bin/true']);
    await until('it has ended', async () => (await machine.client.getWorkload('ended', never)).state === 'exited');
    failed(await checkpointOf('ended'), 'GRIT_WORKLOAD_NOT_RUNNING', 'Unchanged');
  });

  for (const [reason, what, message] of [
    ['io-uring', 'io_uring', 'io_uring'],
    ['device', '/dev/net/tun', '/dev/net/tun'],
  ] as const) {
    it(`a workload with ${what}: named with pid and descriptor before anything is frozen`, async function () {
      if (reason === 'device' && !existsSync(what)) this.skip(`this machine has no ${what}`);
      const out = join(machine.directory, 'out', reason);
      await start(reason, ['/usr/bin/python3', UNCHECKPOINTABLE, join('/out', reason), what]);
      const fd = Number(await until('it is open', () => readFile(out, 'utf8').catch(() => undefined)));
      if (fd < 0) this.skip(`this kernel gives no ${what} to a container`);
      // Whoever is frozen passes here.
      await machine.barriers.set('checkpoint.before');
      try {
        const status = await checkpointOf(reason);
        failed(status, 'GRIT_WORKLOAD_UNCHECKPOINTABLE', 'Unchanged');
        const [finding] = (status.error?.details as { findings: { reason: string; pid: number; fd: number }[] })
          .findings;
        assert.equal(finding?.reason, reason);
        assert.equal(finding.fd, fd);
        const command = await readFile(`/proc/${finding.pid}/cmdline`, 'utf8');
        assert.ok(command.includes('uncheckpointable.py'), command);
        assert.match(status.error?.message ?? '', new RegExp(`${message}.* \\(pid ${finding.pid}, fd ${fd}\\)`));
        assert.deepEqual((await machine.client.getWorkload(reason, never)).hold, undefined);
      } finally {
        await machine.barriers.lift('checkpoint.before');
      }
    });
  }

  it('a workload that is held already, until it is released', async () => {
    assert.equal((await counted.checkpoint('hold')).outcome, 'Checkpointed');
    assert.equal((await machine.client.getWorkload('counter', never)).state, 'held');
    const lines = await counted.log.check();
    const again = await counted.checkpoint();
    failed(again, 'GRIT_WORKLOAD_HELD', 'Unchanged');
    const restore = await machine.operate({ apiVersion, kind: 'restore', workload: counted.workload });
    failed(restore, 'GRIT_WORKLOAD_RUNNING', 'Unchanged');
    assert.equal((await machine.client.getWorkload('counter', never)).state, 'held');
    assert.equal(await counted.log.check(), lines, 'a held workload does nothing');
    assert.equal((await release('resume')).outcome, 'Released');
    await counted.runs();
    failed(await release('resume'), 'GRIT_WORKLOAD_NOT_HELD', 'Unchanged');
  });

  it('a cancel in the middle of a checkpoint lets the workload go on', async () => {
    const request = { apiVersion, kind: 'checkpoint', workload: counted.workload, afterCheckpoint: 'stop' } as const;
    await machine.barriers.set('checkpoint.after');
    const { id } = await machine.client.submit(request, never);
    await machine.barriers.untilReached('checkpoint.after');
    try {
      failed(await counted.checkpoint(), 'GRIT_WORKLOAD_BUSY', 'Unchanged');
      await machine.client.cancel(id, 'changed our mind', never);
    } finally {
      await machine.barriers.lift('checkpoint.after');
    }
    const status = await machine.end(id);
    assert.deepEqual([status.phase, status.outcome], ['Cancelled', 'Resumed'], JSON.stringify(status.error));
    assert.equal(status.error?.code, 'GRIT_OPERATION_CANCELLED');
    assert.match(status.error.message, /changed our mind/);
    assert.equal((await machine.client.getCheckpoint(status.checkpoint ?? '', never)).phase, 'Failed');
    assert.equal(await counted.isStored(status), false);
    await counted.runs();
  });

  it('a migration to nowhere, and to where the workload is', async () => {
    failed(await migrate('nowhere'), 'GRIT_NODE_NOT_FOUND', 'Unchanged');
    failed(await migrate('local'), 'GRIT_REQUEST_INVALID', 'Unchanged');
    await counted.runs();
  });

  it('a held workload that is ended, and comes back by a restore', async () => {
    assert.equal((await counted.checkpoint('hold')).outcome, 'Checkpointed');
    const lines = await counted.log.check();
    assert.equal((await release('stop')).outcome, 'Released');
    assert.equal((await machine.client.getWorkload('counter', never)).state, 'stopped');
    assert.equal(await counted.log.check(), lines);
    failed(await counted.checkpoint(), 'GRIT_WORKLOAD_NOT_RUNNING', 'Unchanged');
    const restore = await machine.operate({ apiVersion, kind: 'restore', workload: counted.workload });
    assert.equal(restore.outcome, 'Restored', JSON.stringify(restore.error));
    await counted.runs();
  });

  async function start(name: string, command: readonly string[]): Promise<void> {
    const mounts = [{ source: join(machine.directory, 'out'), destination: '/out' }];
    const tun = [{ source: '/dev/net/tun', destination: '/dev/net/tun' }];
    const spec = { name, command, mounts: [...mounts, ...(command.includes('/dev/net/tun') ? tun : [])] };
    const started = await machine.operate({ apiVersion, kind: 'run', spec });
    assert.equal(started.outcome, 'Started', JSON.stringify(started.error));
  }

  async function release(mode: 'resume' | 'stop'): Promise<OperationStatus> {
    return machine.operate({ apiVersion, kind: 'release', workload: counted.workload, mode });
  }

  async function migrate(to: string): Promise<OperationStatus> {
    return machine.operate({ apiVersion, kind: 'migrate', workload: counted.workload, to });
  }
}
