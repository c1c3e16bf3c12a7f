// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { Machine } from '../machine/machine.js';
import { until } from '../machine/until.js';
import { badJobs } from './bad-jobs.js';
import { Counted, apiVersion, failed, never, partOf } from './counted.js';
import { damagedImages } from './damaged-images.js';
import { refusedWorkloads } from './refused-workloads.js';
import { storeFaults } from './store-faults.js';

/** One platform for all of it: the half minute in which a node counts as gone passes beside the other tests. */
describe('bad input and faults', function () {
  this.timeout(120_000);
  let machine: Machine;
  let orphan: Counted;
  let migration: string;

  before(async () => {
    machine = await Machine.start();
    orphan = await Counted.start(machine, 'orphan');
  });

  after(() => machine.stop());

  const platform = (): Machine => machine;
  describe('a restore of an image that is damaged', () => damagedImages(platform));

  describe('a migration whose image arrives damaged', () => {
    it('fails with the part, and the workload goes on where it was', async () => {
      await machine.barriers.plant({ at: 'read.before', afterBytes: 4096 });
      try {
        const status = await machine.operate(migrate());
        await orphan.undone(status, 'GRIT_IMAGE_PART_TRUNCATED');
        assert.notEqual(partOf(status), '');
        assert.equal(await orphan.isStored(status), false);
        assert.equal((await machine.client.getWorkload('orphan', never)).node, 'local');
      } finally {
        await machine.barriers.clear('read.before');
      }
    });
  });

  describe('a migration to a node whose agent dies', () => {
    it('is taken, and waits for the node', async () => {
      process.kill(await machine.pidOf('agent-b'), 'SIGKILL');
      migration = (await machine.client.submit(migrate(), never)).id;
      // From here on only the node that is gone is waited for, and the faults of the other tests do not meet it.
      await until('its image is stored', async () =>
        (await machine.client.get(migration, never)).steps.some(({ name }) => name === 'prepare'),
      );
    });
  });

  describe('a store that fails in the middle of a checkpoint', () => storeFaults(platform));
  describe('what cannot be checkpointed or moved', () => refusedWorkloads(platform));
  describe('bad jobs of a plain producer', () => badJobs(platform));

  describe('the migration to the node whose agent died', () => {
    it('fails when the node counts as gone, and the workload goes on where it was', async () => {
      const status = await machine.end(migration);
      failed(status, 'GRIT_NODE_GONE', 'Resumed');
      assert.match(status.error?.message ?? '', /node b /);
      await orphan.runs();
      failed(await machine.operate(migrate()), 'GRIT_NODE_GONE', 'Unchanged');
      await orphan.runs();
    });
  });

  const migrate = () => ({ apiVersion, kind: 'migrate', workload: orphan.workload, to: 'b' }) as const;
});
