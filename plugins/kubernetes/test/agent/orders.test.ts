// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Checkpoint } from '../../src/api/checkpoint.js';
import { CHECKPOINTS, RESTORES } from '../../src/api/kinds.js';
import type { Step, StepReport } from '../../src/api/step.js';
import { confirmOrder, orderOf } from '../../src/agent/confirm-order.js';
import { parseWake } from '../../src/agent/wake-job.js';
import { nodeJobOf } from '../../src/steps/node-job.js';

const seed = Number(process.env['GRIT_SEED'] ?? 20261128);

const step: Step = { name: 'checkpoint', node: 'n1', token: 't2', attempt: 2, orderedAt: '2026-01-01T00:00:00Z' };
const report = (token: string, phase: StepReport['phase']): StepReport => ({ token, phase, startedAt: step.orderedAt });

function checkpointOf(status: Checkpoint['status'], deleting = false): Checkpoint {
  const deletion = deleting ? { deletionTimestamp: '2026-01-01T00:00:00Z' } : {};
  return { metadata: { name: 'c', namespace: 'ns', uid: 'u', ...deletion }, spec: {}, ...(status && { status }) };
}

const job = nodeJobOf(CHECKPOINTS, checkpointOf({ step }), step);

describe('jobs of a node', () => {
  it('are read back as they were written', () => {
    assert.deepEqual(parseWake(job), { type: CHECKPOINTS, namespace: 'ns', name: 'c', uid: 'u', token: 't2' });
    assert.equal(parseWake({ ...job, kind: 'Restore' }).type, RESTORES);
  });

  it('may be anything, since anybody can write them', () => {
    const bad = { apiVersion: 'v9', kind: 'Pod', namespace: '../kube-system', name: 'a/b', uid: '', token: 7 };
    for (const [field, value] of Object.entries(bad)) {
      assert.throws(() => parseWake({ ...job, [field]: value }), { code: 'GRIT_REQUEST_INVALID' }, field);
    }
    fc.assert(
      fc.property(fc.jsonValue(), (data) => {
        assert.throws(() => parseWake(data), { code: 'GRIT_REQUEST_INVALID' });
      }),
      { seed },
    );
  });
});

describe('orders to a node', () => {
  const wake = parseWake(job);
  const confirmed = (status: Checkpoint['status'], deleting = false): boolean =>
    confirmOrder(wake, checkpointOf(status, deleting), 'n1') !== undefined;

  it('are done as long as they have no final report', () => {
    assert.ok(confirmed({ step }));
    assert.ok(confirmed({ step, report: report('t2', 'Running') }));
    assert.ok(confirmed({ step, report: report('t1', 'Succeeded') }), 'a report on the order before');
    assert.ok(!confirmed({ step, report: report('t2', 'Succeeded') }));
    assert.ok(!confirmed({ step, report: report('t2', 'Failed') }));
  });

  it('are done only if the API server says the same', () => {
    assert.ok(!confirmed(undefined));
    assert.ok(!confirmed({ step: { ...step, token: 't3' } }), 'another token');
    assert.ok(!confirmed({ step: { ...step, node: 'n2' } }), 'another node');
    const other = { ...checkpointOf({ step }), metadata: { name: 'c', namespace: 'ns', uid: 'another' } };
    assert.equal(confirmOrder(wake, other, 'n1'), undefined, 'the name was used again');
  });

  it('of an object that is being deleted only let go', () => {
    for (const name of ['checkpoint', 'restore', 'start-fresh', 'release', 'abort'] as const) {
      assert.equal(confirmed({ step: { ...step, name } }, true), name === 'abort' || name === 'release', name);
    }
  });

  it('to discard an image are done only when its object is being deleted', () => {
    assert.ok(confirmed({ step: { ...step, name: 'discard' } }, true));
    assert.ok(!confirmed({ step: { ...step, name: 'discard' } }));
  });

  it('carry the kind', () => {
    assert.equal(orderOf(RESTORES, checkpointOf({ step }) as never, 'n1')?.kind, 'Restore');
    assert.equal(orderOf(CHECKPOINTS, checkpointOf({ step }), 'n1')?.kind, 'Checkpoint');
  });
});
