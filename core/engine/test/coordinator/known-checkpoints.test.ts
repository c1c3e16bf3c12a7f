// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { knownCheckpoints } from '../../src/coordinator/programs/known-checkpoints.js';
import { never, TestCatalog, train } from '../catalog/test-catalog.js';

const SEAL = { manifestDigest: 'sha256:1', size: 1, timings: [] };

describe('checkpoints that a dump knows', () => {
  let test: TestCatalog;
  beforeEach(() => void (test = new TestCatalog()));
  afterEach(() => test.remove());

  const begin = (id: string, { workload = train, storage = 'store' } = {}) =>
    test.catalog.checkpoints.begin({ id, workload, node: 'n', storage, operation: 'op-1' }, 't', never);
  const ready = async (id: string, where = {}): Promise<void> => {
    await begin(id, where);
    await test.catalog.checkpoints.seal(id, SEAL, 't', never);
  };

  it('are those of this workload in this storage that are Ready, the newest first, at most four', async () => {
    for (const id of ['ck-1', 'ck-2', 'ck-3', 'ck-4', 'ck-5']) await ready(id);
    await ready('ck-elsewhere', { storage: 'other' });
    await ready('ck-stranger', { workload: { kind: 'container', name: 'other' } });
    await begin('ck-creating');
    await test.catalog.checkpoints.expire('ck-4', never);
    const next = await begin('ck-6');
    assert.deepEqual(await knownCheckpoints(test.catalog.checkpoints, next, never), ['ck-5', 'ck-3', 'ck-2', 'ck-1']);
    await ready('ck-7');
    const last = await begin('ck-8');
    assert.deepEqual(await knownCheckpoints(test.catalog.checkpoints, last, never), ['ck-7', 'ck-5', 'ck-3', 'ck-2']);
  });

  it('begin with the parent, also when there is a newer one by now', async () => {
    await ready('ck-1');
    const begun = await begin('ck-2');
    await ready('ck-3');
    assert.equal(begun.parent, 'ck-1');
    assert.deepEqual(await knownCheckpoints(test.catalog.checkpoints, begun, never), ['ck-1', 'ck-3']);
  });

  it('are none for the first one', async () => {
    assert.deepEqual(await knownCheckpoints(test.catalog.checkpoints, await begin('ck-1'), never), []);
  });
});
