// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { NAME_PATTERN } from '@grit/plugin-api';
import { stopRequest, TestCatalog, train } from './test-catalog.js';

const ended = { phase: 'Succeeded', outcome: 'Stopped', timings: [{ phase: 'stop', ms: 3 }] } as const;

describe('operations of the catalog', () => {
  let test: TestCatalog;
  beforeEach(() => void (test = new TestCatalog()));
  afterEach(() => test.remove());

  it('takes the same key with the same request once, whatever the order of its fields', () => {
    const { catalog } = test;
    const first = catalog.createOperation(stopRequest({ idempotencyKey: 'k', graceMs: 5 }));
    const again = catalog.createOperation({
      graceMs: 5,
      idempotencyKey: 'k',
      workload: { namespace: undefined, name: 'train', kind: 'container' },
      kind: 'stop',
      apiVersion: 'grit.dev/v1',
    });
    assert.deepEqual(again, { id: first.id, duplicate: true });
    assert.throws(() => catalog.createOperation(stopRequest({ idempotencyKey: 'k' })), {
      code: 'GRIT_IDEMPOTENCY_CONFLICT',
      details: { operation: first.id },
    });
    assert.equal(test.reopen().createOperation(stopRequest({ idempotencyKey: 'k', graceMs: 5 })).duplicate, true);
  });

  it('makes a new operation each time without a key', () => {
    assert.notEqual(test.catalog.createOperation(stopRequest()).id, test.catalog.createOperation(stopRequest()).id);
  });

  it('makes ids that are names and sort by time, also when the clock goes back and after a restart', () => {
    const ids = Array.from({ length: 50 }, () => test.catalog.createOperation(stopRequest()).id);
    const now = Date.now;
    try {
      Date.now = () => now() - 3_600_000;
      ids.push(test.catalog.createOperation(stopRequest()).id);
      ids.push(test.reopen().createOperation(stopRequest()).id);
    } finally {
      Date.now = now;
    }
    assert.deepEqual([...ids].sort(), ids);
    for (const id of ids) assert.match(id, NAME_PATTERN);
  });

  it('lists newest first, by workload, unfinished, and no more than asked', () => {
    const { catalog } = test;
    const [a, b, c] = ['a', 'b', 'a'].map((name) => catalog.createOperation(stopRequest({ name })).id) as [
      string,
      string,
      string,
    ];
    catalog.endOperation(b, ended);
    const ids = (filter: Parameters<typeof catalog.listOperations>[0]): string[] =>
      catalog.listOperations(filter).map((operation) => operation.id);
    assert.deepEqual(ids({}), [c, b, a]);
    assert.deepEqual(ids({ limit: 2 }), [c, b]);
    assert.deepEqual(ids({ unfinished: true }), [c, a]);
    assert.deepEqual(ids({ workload: { kind: 'container', name: 'a' } }), [c, a]);
    assert.deepEqual(ids({ workload: { kind: 'pod', name: 'a' } }), []);
  });

  it('ends once, sets the workload free and fences the steps that still run', () => {
    const { catalog } = test;
    const { id } = catalog.createOperation(stopRequest());
    catalog.createWorkload({ workload: train, node: 'n', spec: { name: 'train', command: ['x'] }, operation: id });
    catalog.updateOperation(id, { phase: 'Running', workload: train, node: 'n' });
    const step = catalog.startStep(id, { name: 'stop', node: 'n', input: null });
    assert.equal(catalog.getWorkload(train)?.busy, id);
    const status = catalog.endOperation(id, ended);
    assert.equal(status.phase, 'Succeeded');
    assert.deepEqual(status.timings, ended.timings);
    assert.equal(status.steps[0]?.phase, 'Cancelled');
    assert.equal(catalog.getWorkload(train)?.busy, undefined);
    assert.throws(() => catalog.claimStep(id, 'stop', step.token), { code: 'GRIT_STEP_FENCED' });
    assert.throws(() => catalog.finishStep(id, 'stop', step.token, { output: 1 }), { code: 'GRIT_STEP_FENCED' });
    assert.throws(() => catalog.startStep(id, { name: 'more', input: null }), { code: 'GRIT_CATALOG_CONFLICT' });
    assert.deepEqual(catalog.endOperation(id, { ...ended, phase: 'Failed' }), status);
    catalog.updateOperation(id, { node: 'other', checkpoint: 'ck-1' });
    assert.deepEqual(catalog.getOperation(id), status);
    assert.deepEqual(test.reopen().getOperation(id), status);
  });

  it('keeps the first wish to cancel until the end', () => {
    const { id } = test.catalog.createOperation(stopRequest());
    assert.equal(test.catalog.cancelRequested(id), undefined);
    assert.equal(test.catalog.requestCancel(id, 'first'), true);
    assert.equal(test.catalog.requestCancel(id, 'second'), true);
    assert.equal(test.reopen().cancelRequested(id), 'first');
    test.catalog.endOperation(id, ended);
    assert.equal(test.catalog.requestCancel(id, 'late'), false);
  });

  it('tells of each change, with a revision that grows, also over a crash that loses progress', () => {
    const { catalog } = test;
    const { id } = catalog.createOperation(stopRequest());
    const seen: number[] = [];
    const end = catalog.onChange(id, () => seen.push(catalog.getOperation(id).revision));
    catalog.updateOperation(id, { phase: 'Running' });
    catalog.updateOperation(id, { phase: 'Running' });
    const { token } = catalog.startStep(id, { name: 'dump', node: 'n', input: null });
    catalog.progressStep(id, 'dump', token, { phase: 'dump', doneBytes: 1 });
    catalog.progressStep(id, 'dump', token, { phase: 'dump', doneBytes: 2 });
    assert.deepEqual(seen, [2, 3, 4, 5]);
    assert.equal(catalog.getOperation(id).steps[0]?.progress?.doneBytes, 2);
    catalog.finishStep(id, 'dump', token, { output: null });
    end();
    catalog.updateOperation(id, { checkpoint: 'ck-1' });
    assert.deepEqual(seen, [2, 3, 4, 5, 6]);
    const before = catalog.getOperation(id).revision;
    assert.ok(test.reopen().getOperation(id).revision > before);
  });

  it('says that an operation is unknown', () => {
    for (const call of ['getOperation', 'cancelRequested'] as const) {
      assert.throws(() => test.catalog[call]('op-none'), { code: 'GRIT_OPERATION_NOT_FOUND' });
    }
  });
});
