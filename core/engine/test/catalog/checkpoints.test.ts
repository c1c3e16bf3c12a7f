// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { GritError, type CheckpointRecord } from '@grit/plugin-api';
import { never, TestCatalog, train } from './test-catalog.js';

const seal = {
  manifestDigest: 'sha256:1',
  size: 10,
  bytes: { data: 8, fresh: 4, stored: 3 },
  timings: [{ phase: 'dump', ms: 1 }],
};
const failure = new GritError('GRIT_DUMP_FAILED', 'no').toJSON();

describe('checkpoints of the catalog', () => {
  let test: TestCatalog;
  beforeEach(() => void (test = new TestCatalog()));
  afterEach(() => test.remove());

  const begin = (id: string, token = 't', workload = train): Promise<CheckpointRecord> =>
    test.catalog.checkpoints.begin({ id, workload, node: 'n', storage: 'store', operation: 'op-1' }, token, never);
  const ready = async (id: string): Promise<CheckpointRecord> => {
    await begin(id);
    return test.catalog.checkpoints.seal(id, seal, 't', never);
  };

  it('begins once and hands over by token', async () => {
    const first = await begin('ck-1');
    assert.equal(first.phase, 'Creating');
    assert.deepEqual(await begin('ck-1'), first);
    await assert.rejects(begin('ck-1', 'u'), { code: 'GRIT_STEP_FENCED' });
    const { checkpoints } = test.catalog;
    await checkpoints.advance('ck-1', 't', 'u', never);
    await checkpoints.advance('ck-1', 't', 'u', never);
    await assert.rejects(checkpoints.advance('ck-1', 't', 'v', never), { code: 'GRIT_STEP_FENCED' });
    await assert.rejects(checkpoints.seal('ck-1', seal, 't', never), { code: 'GRIT_STEP_FENCED' });
    await assert.rejects(checkpoints.fail('ck-1', failure, 't', never), { code: 'GRIT_STEP_FENCED' });
    assert.equal((await checkpoints.seal('ck-1', seal, 'u', never)).phase, 'Ready');
  });

  it('notes copies of what it knows, and forgets places as long as there is another', async () => {
    const { checkpoints } = test.catalog;
    const sealed = await ready('ck-1');
    const copy = { storage: 'bucket', digest: 'sha256:2' };
    await assert.rejects(checkpoints.addCopy('ck-1', { ...copy, of: 'sha256:3' }, never), {
      code: 'GRIT_IDEMPOTENCY_CONFLICT',
    });
    assert.deepEqual(await checkpoints.addCopy('ck-1', { ...copy, of: 'sha256:1' }, never), {
      ...sealed,
      copies: [copy],
    });
    await checkpoints.addCopy('ck-1', { ...copy, of: 'sha256:1' }, never);
    // A copy of the copy; and one back to where it was first, packed anew.
    await checkpoints.addCopy('ck-1', { storage: 'third', digest: 'sha256:2', of: 'sha256:2' }, never);
    await checkpoints.addCopy('ck-1', { storage: 'store', digest: 'sha256:4', of: 'sha256:2' }, never);
    const { storage, manifestDigest, copies } = await test.reopen().checkpoints.get('ck-1', never);
    assert.deepEqual(
      [storage, manifestDigest, copies],
      ['store', 'sha256:4', [copy, { storage: 'third', digest: 'sha256:2' }]],
    );
    const again = test.reopen().checkpoints;
    const moved = await again.removePlace('ck-1', 'store', never);
    assert.deepEqual(await again.removePlace('ck-1', 'store', never), moved);
    assert.deepEqual([moved.storage, moved.manifestDigest, moved.copies?.length], ['bucket', 'sha256:2', 1]);
    await again.pin('ck-1', true, never);
    await assert.rejects(again.removePlace('ck-1', 'third', never), { code: 'GRIT_CHECKPOINT_PINNED' });
    await again.pin('ck-1', false, never);
    assert.equal((await again.removePlace('ck-1', 'third', never)).copies, undefined);
    await assert.rejects(again.removePlace('ck-1', 'bucket', never), { code: 'GRIT_CATALOG_CONFLICT' });
    await begin('ck-2');
    await assert.rejects(again.addCopy('ck-2', { ...copy, of: 'sha256:1' }, never), { code: 'GRIT_CATALOG_CONFLICT' });
  });

  it('seals once per digest and never what has failed', async () => {
    const { checkpoints } = test.catalog;
    const sealed = await ready('ck-1');
    assert.deepEqual(
      { ...sealed, createdAt: 0, finishedAt: 0 },
      {
        ...{ id: 'ck-1', workload: train, node: 'n', storage: 'store', operation: 'op-1', phase: 'Ready' },
        ...{ ...seal, pinned: false, createdAt: 0, finishedAt: 0 },
      },
    );
    assert.deepEqual(await checkpoints.seal('ck-1', seal, 't', never), sealed);
    await assert.rejects(checkpoints.seal('ck-1', { ...seal, manifestDigest: 'sha256:2' }, 't', never), {
      code: 'GRIT_CATALOG_CONFLICT',
    });
    await assert.rejects(checkpoints.fail('ck-1', failure, 't', never), { code: 'GRIT_CATALOG_CONFLICT' });
    await begin('ck-2');
    assert.deepEqual((await checkpoints.fail('ck-2', failure, 't', never)).error, failure);
    await assert.rejects(checkpoints.seal('ck-2', seal, 't', never), { code: 'GRIT_CATALOG_CONFLICT' });
    assert.deepEqual(await test.reopen().checkpoints.get('ck-1', never), sealed);
  });

  it('does without the bytes of a checkpoint that an earlier version has sealed', async () => {
    await begin('ck-1');
    const { bytes: _, ...old } = seal;
    assert.equal((await test.catalog.checkpoints.seal('ck-1', old, 't', never)).bytes, undefined);
  });

  it('gives each checkpoint the latest Ready one of its workload as parent', async () => {
    await ready('ck-1');
    await begin('ck-2');
    await ready('ck-3');
    await begin('ck-x', 't', { kind: 'container', name: 'other' });
    const { checkpoints } = test.catalog;
    const parents = (await checkpoints.list({ workload: train }, never)).map(({ id, parent }) => [id, parent]);
    assert.deepEqual(parents, [
      ['ck-3', 'ck-1'],
      ['ck-2', 'ck-1'],
      ['ck-1', undefined],
    ]);
    assert.equal((await checkpoints.list({}, never)).length, 4);
    await ready('ck-4');
    const line = async (): Promise<string[]> => (await checkpoints.lineage('ck-4', never)).map(({ id }) => id);
    assert.deepEqual(await line(), ['ck-4', 'ck-3', 'ck-1']);
    await checkpoints.expire('ck-3', never);
    await checkpoints.remove('ck-3', never);
    assert.deepEqual(await line(), ['ck-4']);
  });

  it('deletes in two acts, and nothing that is pinned', async () => {
    const { checkpoints } = test.catalog;
    await ready('ck-1');
    await checkpoints.pin('ck-1', true, never);
    await assert.rejects(checkpoints.expire('ck-1', never), { code: 'GRIT_CHECKPOINT_PINNED' });
    await checkpoints.pin('ck-1', false, never);
    await assert.rejects(checkpoints.remove('ck-1', never), { code: 'GRIT_CATALOG_CONFLICT' });
    assert.equal((await checkpoints.expire('ck-1', never)).phase, 'Deleting');
    assert.equal((await checkpoints.expire('ck-1', never)).phase, 'Deleting');
    await assert.rejects(checkpoints.pin('ck-1', true, never), { code: 'GRIT_CATALOG_CONFLICT' });
    await checkpoints.remove('ck-1', never);
    await checkpoints.remove('ck-1', never);
    await assert.rejects(checkpoints.get('ck-1', never), { code: 'GRIT_CHECKPOINT_NOT_FOUND' });
  });

  it('does nothing for a caller that has given up', async () => {
    await assert.rejects(test.catalog.checkpoints.list({}, AbortSignal.abort()), { code: 'GRIT_ABORTED' });
  });
});
