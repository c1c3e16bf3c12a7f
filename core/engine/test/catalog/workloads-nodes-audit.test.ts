// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { TestCatalog, train } from './test-catalog.js';

const spec = { name: 'train', command: ['python3', 'train.py'] };
const facts = { ready: true, problems: [], facts: { kernel: '6.18' } };

describe('workloads, nodes and audit of the catalog', () => {
  let test: TestCatalog;
  beforeEach(() => void (test = new TestCatalog()));
  afterEach(() => test.remove());

  it('makes a workload for one operation, locked by it', () => {
    const { catalog } = test;
    const made = catalog.createWorkload({ workload: train, node: 'n', spec, operation: 'op-1' });
    assert.equal(made.state, 'starting');
    assert.equal(made.busy, 'op-1');
    assert.deepEqual(catalog.createWorkload({ workload: train, node: 'n', spec, operation: 'op-1' }), made);
    assert.throws(() => catalog.createWorkload({ workload: train, node: 'n', spec, operation: 'op-2' }), {
      code: 'GRIT_WORKLOAD_NAME_TAKEN',
    });
    assert.throws(() => catalog.lockWorkload(train, 'op-2'), {
      code: 'GRIT_WORKLOAD_BUSY',
      details: { workload: 'train', operation: 'op-1' },
    });
    assert.deepEqual(test.reopen().getWorkload(train), made);
  });

  it('changes the facts given, also to nothing, and no others', () => {
    const { catalog } = test;
    const made = catalog.createWorkload({ workload: train, node: 'n', spec, operation: 'op-1' });
    const held = catalog.updateWorkload(train, { state: 'held', hold: 'ck-1', logPath: '/log', exitCode: 0 });
    assert.deepEqual(held, {
      ...made,
      state: 'held',
      hold: 'ck-1',
      logPath: '/log',
      exitCode: 0,
      updatedAt: held.updatedAt,
    });
    const free = catalog.updateWorkload(train, { hold: undefined, exitCode: undefined, node: 'm' });
    assert.deepEqual([free.hold, free.exitCode, free.node, free.logPath], [undefined, undefined, 'm', '/log']);
    assert.deepEqual(catalog.listWorkloads(), [free]);
    catalog.deleteWorkload(train);
    catalog.deleteWorkload(train);
    assert.equal(catalog.getWorkload(train), undefined);
    assert.throws(() => catalog.updateWorkload(train, { node: 'n' }), { code: 'GRIT_WORKLOAD_NOT_FOUND' });
    assert.throws(() => catalog.lockWorkload(train, 'op-1'), { code: 'GRIT_WORKLOAD_NOT_FOUND' });
  });

  it('tells namespaces and kinds apart', () => {
    const { catalog } = test;
    const refs = [train, { ...train, kind: 'pod' }, { ...train, kind: 'pod', namespace: 'a' }];
    for (const workload of refs) catalog.createWorkload({ workload, node: 'n', spec, operation: 'op-1' });
    assert.equal(catalog.listWorkloads().length, 3);
    assert.deepEqual(catalog.getWorkload(refs[2]!)?.workload, refs[2]);
  });

  it('knows an agent by its incarnation', () => {
    const { catalog } = test;
    assert.equal(catalog.recordNode({ name: 'n', incarnation: 'a', facts }), true);
    assert.equal(catalog.recordNode({ name: 'n', incarnation: 'a', facts }), false);
    assert.equal(catalog.recordNode({ name: 'n', incarnation: 'b', facts: { ...facts, ready: false } }), true);
    assert.equal(catalog.touchNode('n', 'a'), false);
    assert.equal(catalog.touchNode('none', 'a'), false);
    assert.equal(catalog.getNode('n')?.ready, false);
    const now = Date.now;
    const later = now() + 1_000;
    try {
      Date.now = () => later;
      assert.equal(catalog.touchNode('n', 'b'), true);
    } finally {
      Date.now = now;
    }
    assert.equal(catalog.getNode('n')?.lastSeen, later);
    assert.equal(test.reopen().listNodes().length, 1);
  });

  it('adds to the audit and lists it, newest first', () => {
    const { catalog } = test;
    catalog.audit({ actor: 'cli', action: 'submit', subject: 'op-1', details: { a: 1 } });
    catalog.audit({ actor: 'cli', action: 'submit', subject: 'op-2' });
    catalog.audit({ actor: 'api', action: 'cancel', subject: 'op-1' });
    const lines = (filter: Parameters<typeof catalog.listAudit>[0]): string[] =>
      catalog.listAudit(filter).map(({ action, subject }) => `${action} ${subject}`);
    assert.deepEqual(lines({}), ['cancel op-1', 'submit op-2', 'submit op-1']);
    assert.deepEqual(lines({ subject: 'op-1', limit: 1 }), ['cancel op-1']);
    assert.deepEqual(catalog.listAudit({ subject: 'op-1' })[1]?.details, { a: 1 });
  });
});
