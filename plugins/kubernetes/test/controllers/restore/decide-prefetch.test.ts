// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { FINALIZER } from '../../../src/api/group.js';
import type { Checkpoint } from '../../../src/api/checkpoint.js';
import type { RestoreStatus } from '../../../src/api/restore.js';
import { decideRestore } from '../../../src/controllers/restore/decide-restore.js';
import type { RestoreDecision } from '../../../src/controllers/restore/restore-decision.js';
import type { RestoreFacts } from '../../../src/controllers/restore/restore-facts.js';
import { NOW, reported, someCheckpoint, someFacts, someRestore, statusError, targetPod } from './some-restores.js';

const SOURCE = { is: 'running', namespace: 'default', pod: 'train-old' } as const;

const prefetched = ({ status }: RestoreDecision) => status.conditions?.find(({ type }) => type === 'Prefetched');

/** The facts once the decision was carried out, and the agent has said this. */
function after(
  facts: RestoreFacts,
  { status }: RestoreDecision,
  changes?: Parameters<typeof reported>[1],
): RestoreFacts {
  const report = changes && reported(status.step?.token ?? '', changes);
  const next: RestoreStatus = { ...status, ...(report === undefined ? {} : { report }) };
  return { ...facts, restore: { ...facts.restore, status: next } };
}

describe('an image ahead of its pod', () => {
  const facts = someFacts({ destined: 'node-b', source: SOURCE });
  const decision = decideRestore(facts);

  it('is fetched by the node that the pod will be on, while the source still runs', () => {
    const { step, phase } = decision.status;
    assert.deepEqual([phase, step?.name, step?.node], ['Created', 'prefetch', 'node-b']);
    assert.match(prefetched(decision)?.message ?? '', /node-b fetches the image/);
    assert.equal(decision.finalizer, false, 'there is nothing that a deletion would wait for');
  });

  it('is ordered once', () => {
    const again = decideRestore(after(facts, decision));
    assert.deepEqual(again.status, decision.status);
    const fetched = decideRestore(after(facts, decision, {}));
    assert.equal(fetched.status.step?.token, decision.status.step?.token);
    assert.deepEqual([fetched.status.phase, prefetched(fetched)?.status], ['Created', 'True']);
  });

  it('says why it is not there, and is no failure of the Restore', () => {
    const failed = decideRestore(after(facts, decision, { phase: 'Failed', error: statusError(false) }));
    assert.deepEqual([failed.status.phase, failed.status.failures], ['Created', undefined]);
    assert.equal(failed.status.step?.token, decision.status.step?.token);
    assert.deepEqual(prefetched(failed)?.reason, 'ImagePartCorrupt');
  });

  it('is not fetched while nobody knows where the pod will be, or its agent is silent', () => {
    assert.equal(decideRestore(someFacts({ source: SOURCE })).status.step, undefined);
    assert.equal(decideRestore({ ...facts, agent: 'silent' }).status.step, undefined);
  });

  it('makes room for the order of the pod that comes', () => {
    const status = { ...decision.status, reservation: { token: 'ticket', at: NOW.toISOString() } };
    const restore = { ...facts.restore, status };
    const come = decideRestore({ ...facts, restore, claimant: targetPod(), source: { ...SOURCE, is: 'gone' } });
    assert.deepEqual([come.status.step?.name, come.status.step?.node], ['restore', 'node-b']);
    assert.equal(prefetched(come), undefined);
  });

  it('is read from the claim, which stays reachable for as long', () => {
    const spec: Checkpoint['spec'] = { podName: 'train-old', volumeClaim: { claimName: 'images' } };
    const inClaim: RestoreFacts = { ...facts, checkpoint: { is: 'usable', checkpoint: someCheckpoint({ spec }) } };
    const first = decideRestore(inClaim);
    assert.deepEqual([first.claimOn, first.status.step], ['node-b', undefined]);
    const ready: RestoreFacts = { ...inClaim, claim: { ready: 'claim-pod-uid' } };
    const ordered = decideRestore(ready);
    assert.deepEqual([ordered.claimOn, ordered.status.step?.claimPodUid], ['node-b', 'claim-pod-uid']);
    assert.equal(decideRestore(after(inClaim, ordered)).claimOn, 'node-b');
    assert.equal(decideRestore(after(inClaim, ordered, {})).claimOn, undefined);
    const reservation = { token: 'ticket', at: NOW.toISOString() };
    const reserved = after(inClaim, ordered, {});
    const restore = { ...reserved.restore, status: { ...reserved.restore.status, reservation } };
    assert.equal(decideRestore({ ...reserved, restore }).claimOn, 'node-b', 'for the pod that is being created');
    const without = decideRestore({ ...inClaim, claim: { failed: 'no such claim' } });
    assert.deepEqual([without.claimOn, without.status.step, without.status.phase], [undefined, undefined, 'Created']);
  });

  it('does not keep a Restore that is deleted', () => {
    const { restore } = after(facts, decision);
    const metadata = { ...restore.metadata, deletionTimestamp: NOW.toISOString(), finalizers: [FINALIZER] };
    assert.equal(decideRestore({ ...facts, restore: { ...restore, metadata } }).finalizer, false);
  });

  it('belongs to the Restore that waits, whatever it is for', () => {
    const restore = someRestore({ nodeName: 'node-b' });
    assert.equal(decideRestore(someFacts({ restore, destined: 'node-b' })).status.step?.name, 'prefetch');
  });
});
