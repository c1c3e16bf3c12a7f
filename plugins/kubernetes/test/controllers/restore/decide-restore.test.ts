// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { FINALIZER, KEYS } from '../../../src/api/group.js';
import type { Restore, RestoreSpec, RestoreStatus } from '../../../src/api/restore.js';
import { decideRestore } from '../../../src/controllers/restore/decide-restore.js';
import type { RestoreDecision } from '../../../src/controllers/restore/restore-decision.js';
import type { RestoreFacts } from '../../../src/controllers/restore/restore-facts.js';
import { NOW, reported, someCheckpoint, someFacts, someRestore, statusError, targetPod } from './some-restores.js';

const RESERVATION = { token: 'ticket', at: NOW.toISOString() };

const condition = (decision: RestoreDecision, type: string) =>
  decision.status.conditions?.find((one) => one.type === type);

const later = (ms: number): Date => new Date(NOW.getTime() + ms);

/** The facts once the decision was carried out. */
function after(facts: RestoreFacts, decision: RestoreDecision, changes: Partial<RestoreFacts> = {}): RestoreFacts {
  const { report, reservation } = facts.restore.status ?? {};
  const status: RestoreStatus = {
    ...decision.status,
    ...(report === undefined ? {} : { report }),
    ...(reservation === undefined || decision.dropReservation === true ? {} : { reservation }),
  };
  return { ...facts, restore: { ...facts.restore, status }, ...changes };
}

function withReport(facts: RestoreFacts, changes: Parameters<typeof reported>[1]): RestoreFacts {
  const status = facts.restore.status ?? {};
  const report = reported(status.step?.token ?? '', changes);
  return { ...facts, restore: { ...facts.restore, status: { ...status, report } } };
}

/** A Restore whose pod is on node-b, which was told to restore it. */
function ordered(spec: Partial<RestoreSpec> = {}): RestoreFacts {
  const facts = someFacts({ restore: someRestore(spec, { reservation: RESERVATION }), claimant: targetPod() });
  return after(facts, decideRestore(facts), { target: targetPod(), claimant: undefined });
}

const deleted = (restore: Restore): Restore => ({
  ...restore,
  metadata: { ...restore.metadata, deletionTimestamp: NOW.toISOString(), finalizers: [FINALIZER] },
});

describe('a Restore without a pod', () => {
  it('waits, and says for which pod', () => {
    const decision = decideRestore(someFacts());
    assert.equal(decision.status.phase, 'Created');
    assert.match(
      condition(decision, 'WaitingForPod')?.message ?? '',
      /a pod of Job train whose spec has the hash 1-ab/,
    );
    assert.deepEqual([decision.lookAgainMs, decision.finalizer], [undefined, false]);
  });

  it('does not say so before the admission is in force: a pod that came now would start fresh', () => {
    const decision = decideRestore(someFacts({ guarded: false }));
    assert.equal(condition(decision, 'WaitingForPod')?.status, 'False');
    assert.deepEqual([decision.status.phase, decision.lookAgainMs], ['Created', 250]);
  });

  it('keeps a reservation for ten seconds', () => {
    const facts = someFacts({ restore: someRestore({}, { reservation: RESERVATION }), reservedMs: 9_000 });
    assert.deepEqual([decideRestore(facts).dropReservation, decideRestore(facts).lookAgainMs], [undefined, 1_000]);
    assert.equal(decideRestore({ ...facts, reservedMs: 10_000 }).dropReservation, true);
  });

  it('is given back by a pod that ended before it was seen', () => {
    const claimant = { ...targetPod(), status: { phase: 'Failed' as const } };
    const facts = someFacts({ restore: someRestore({}, { reservation: RESERVATION }), claimant });
    assert.equal(decideRestore(facts).dropReservation, true);
  });

  it('waits for its Checkpoint to be done, and fails when it cannot be used, until it can', () => {
    const unfinished = decideRestore(
      someFacts({ checkpoint: { is: 'unfinished', reason: 'Checkpointing', message: 'it is being made' } }),
    );
    assert.deepEqual([unfinished.status.phase, condition(unfinished, 'CheckpointReady')?.status], ['Created', 'False']);
    const missing = someFacts({ checkpoint: { is: 'unusable', reason: 'CheckpointNotFound', message: 'none' } });
    const failed = decideRestore(missing);
    assert.deepEqual([failed.status.phase, condition(failed, 'Failed')?.reason], ['Failed', 'CheckpointNotFound']);
    assert.match(condition(failed, 'Failed')?.message ?? '', /No pod like it starts from the beginning meanwhile/);
    assert.deepEqual(
      failed.notices.map(({ reason }) => reason),
      ['CheckpointNotFound'],
    );
    assert.deepEqual(decideRestore(after(missing, failed)).notices, [], 'told once');
    const cured = decideRestore(after(missing, failed, { checkpoint: someFacts().checkpoint }));
    assert.deepEqual([cured.status.phase, condition(cured, 'Failed')], ['Created', undefined]);
  });
});

describe('a Restore with a pod', () => {
  it('takes the pod with its reservation, and waits for its node', () => {
    const { nodeName: _none, ...spec } = targetPod().spec;
    const pod = {
      ...targetPod(),
      spec,
      status: { conditions: [{ type: 'PodScheduled', status: 'False', message: '0/2 nodes are available' }] },
    };
    const decision = decideRestore(
      someFacts({ restore: someRestore({}, { reservation: RESERVATION }), claimant: pod }),
    );
    assert.deepEqual(
      [decision.status.phase, decision.status.targetPod, decision.status.targetPodUID, decision.podSelected],
      ['Pending', 'train-new', 'target-uid', true],
    );
    assert.match(condition(decision, 'PodScheduled')?.message ?? '', /0\/2 nodes are available/);
    assert.equal(decision.finalizer, true);
  });

  it('orders the restore on the node of the pod, once', () => {
    const facts = ordered();
    const { status } = facts.restore;
    assert.deepEqual([status?.phase, status?.step?.name, status?.step?.node], ['Restoring', 'restore', 'node-b']);
    assert.deepEqual(decideRestore({ ...facts, now: later(60_000) }).status, decideRestore(facts).status);
    assert.equal(decideRestore(facts).status.step?.token, status?.step?.token);
  });

  it('orders nothing while the source runs, and says how to let it go', () => {
    for (const is of ['running', 'stopping'] as const) {
      const source = { is, namespace: 'default', pod: 'train-old' };
      const decision = decideRestore(
        someFacts({ restore: someRestore({}, { reservation: RESERVATION }), claimant: targetPod(), source }),
      );
      assert.deepEqual([decision.status.phase, decision.status.step], ['Pending', undefined]);
      assert.equal(condition(decision, 'SourceRunning')?.status, 'True');
      if (is === 'running') {
        assert.match(condition(decision, 'SourceRunning')?.message ?? '', /kubectl delete pod -n default train-old/);
      }
    }
  });

  it('waits for the claim on the node, and names the pod that mounts it in the order', () => {
    const checkpoint = {
      is: 'usable' as const,
      checkpoint: someCheckpoint({ spec: { podName: 'train-old', volumeClaim: { claimName: 'ckpt-store' } } }),
    };
    const facts = someFacts({
      restore: someRestore({}, { reservation: RESERVATION }),
      claimant: targetPod(),
      checkpoint,
    });
    const asked = decideRestore(facts);
    assert.deepEqual([asked.claimOn, asked.status.step], ['node-b', undefined]);
    const unusable = decideRestore({ ...facts, claim: { failed: 'access mode ReadWriteOnce allows one node' } });
    assert.deepEqual(
      [condition(unusable, 'ClaimReady')?.reason, condition(unusable, 'ClaimReady')?.message],
      ['ClaimUnusable', 'access mode ReadWriteOnce allows one node'],
    );
    const ready = decideRestore({ ...facts, claim: { ready: 'claim-pod-uid' } });
    assert.deepEqual([ready.status.step?.claimPodUid, ready.claimOn], ['claim-pod-uid', 'node-b']);
  });

  it('is Restored by the word of the agent only, under the token of the order', () => {
    const facts = ordered();
    const old = { ...facts.restore.status, report: reported('older', { outcome: 'Restored' }) };
    assert.equal(decideRestore({ ...facts, restore: { ...facts.restore, status: old } }).status.phase, 'Restoring');
    const done = decideRestore(withReport(facts, { outcome: 'Restored', timings: [{ phase: 'fetch', ms: 5 }] }));
    assert.deepEqual([done.status.phase, done.finalizer, done.status.timings?.length], ['Restored', false, 1]);
    assert.deepEqual(
      done.status.conditions?.map(({ type }) => type),
      ['Pending', 'Restoring', 'Restored'].filter((type) => condition(done, type)),
    );
  });

  it('says when the agent of the node does not answer', () => {
    const decision = decideRestore({ ...ordered(), agent: 'silent' });
    assert.deepEqual([decision.status.phase, condition(decision, 'AgentReady')?.status], ['Restoring', 'False']);
  });
});

describe('a restore that fails', () => {
  const failing = { phase: 'Failed' as const, error: statusError(true) };

  it('is tried again after a pause that grows, under a new token, as often as retries says', () => {
    let facts = ordered({ retries: 2 });
    const tokens = new Set([facts.restore.status?.step?.token]);
    for (const pause of [1_000, 2_000]) {
      facts = withReport(facts, failing);
      const failed = decideRestore(facts);
      assert.deepEqual([failed.status.phase, failed.status.step, failed.lookAgainMs], ['Pending', undefined, pause]);
      facts = after(facts, failed);
      assert.equal(decideRestore({ ...facts, now: later(pause - 1) }).status.step, undefined);
      const again = decideRestore({ ...facts, now: later(pause) });
      assert.equal(again.status.step?.name, 'restore');
      assert.ok(!tokens.has(again.status.step.token));
      tokens.add(again.status.step.token);
      facts = after(facts, again);
    }
    const last = decideRestore(withReport(facts, failing));
    assert.deepEqual([last.status.phase, last.status.failures], ['Failed', 3]);
    assert.match(
      condition(last, 'Failed')?.message ?? '',
      /the store does not answer.*grit\.dev\/retry.*fallback: fresh/s,
    );
    assert.deepEqual(
      last.notices.map(({ on }) => on),
      ['restore', 'pod'],
    );
  });

  it('for good, stays failed and is counted once', () => {
    const facts = withReport(ordered(), { phase: 'Failed', error: statusError(false) });
    const failed = decideRestore(facts);
    assert.deepEqual([failed.status.phase, failed.status.failures], ['Failed', 1]);
    const again = decideRestore(after(facts, failed, { now: later(1_000) }));
    assert.deepEqual([again.status, again.notices], [failed.status, []]);
  });

  it('for good, with fallback fresh: the node is told to start it fresh, and only its word makes it ColdStarted', () => {
    const facts = withReport(ordered({ fallback: 'fresh' }), { phase: 'Failed', error: statusError(false) });
    const fresh = decideRestore(facts);
    assert.deepEqual([fresh.status.phase, fresh.status.step?.name], ['Restoring', 'start-fresh']);
    const cold = decideRestore(withReport(after(facts, fresh), { outcome: 'ColdStarted' }));
    assert.deepEqual([cold.status.phase, cold.status.error?.code], ['ColdStarted', 'GRIT_IMAGE_PART_CORRUPT']);
    assert.match(condition(cold, 'ColdStarted')?.message ?? '', /part pages is damaged/);
  });

  it('goes on when people change their mind: retry, more retries, fallback', () => {
    const facts = withReport(ordered(), { phase: 'Failed', error: statusError(false) });
    const failed = after(facts, decideRestore(facts));
    const { metadata } = failed.restore;
    const annotations = { ...metadata.annotations, [KEYS.retry]: 'please' };
    const asked = { ...failed, restore: { ...failed.restore, metadata: { ...metadata, annotations } } };
    const anew = decideRestore(asked);
    assert.deepEqual([anew.status.step?.name, anew.status.failures, anew.status.error], ['restore', 0, undefined]);
    const failedAgain = withReport(after(asked, anew), { phase: 'Failed', error: statusError(false) });
    const stays = after(failedAgain, decideRestore(failedAgain));
    assert.equal(decideRestore(stays).status.phase, 'Failed');
    const spec = { ...failed.restore.spec, fallback: 'fresh' as const };
    assert.equal(decideRestore({ ...failed, restore: { ...failed.restore, spec } }).status.step?.name, 'start-fresh');
  });
});

describe('a pod that dies before it was restored', () => {
  it('lets go of the Restore at once when no node was told anything', () => {
    const restore = someRestore({}, { reservation: RESERVATION, targetPod: 'train-new', targetPodUID: 'target-uid' });
    const decision = decideRestore(someFacts({ restore }));
    assert.deepEqual(
      [decision.status.phase, decision.status.targetPodUID, decision.status.failures],
      ['Created', undefined, 1],
    );
    assert.deepEqual([decision.dropReservation, decision.podSelected], [true, false]);
  });

  it('lets go of it only when the node has let go of what it did', () => {
    const lost = { ...ordered(), target: undefined };
    const step = lost.restore.status?.step;
    const abort = decideRestore(lost);
    assert.deepEqual([abort.status.step?.name, abort.status.step?.node, abort.cancel], ['abort', 'node-b', step]);
    assert.equal(abort.status.targetPodUID, 'target-uid');
    const asked = after(lost, abort);
    assert.deepEqual(decideRestore(asked).status, abort.status);
    const released = decideRestore(withReport(asked, {}));
    assert.deepEqual(
      [released.status.phase, released.status.step, released.status.failures],
      ['Created', undefined, 1],
    );
  });

  it('has the node let go of a try that failed, also between two tries', () => {
    const failed = withReport(ordered(), { phase: 'Failed', error: statusError(true) });
    const abort = decideRestore({ ...failed, target: undefined });
    assert.deepEqual([abort.status.step?.name, abort.status.step?.node], ['abort', 'node-b']);
    const between = after(failed, decideRestore(failed));
    assert.equal(between.restore.status?.step, undefined);
    const asked = after(between, decideRestore({ ...between, target: undefined }), { target: undefined });
    assert.deepEqual([asked.restore.status?.step?.name, asked.restore.status?.step?.node], ['abort', 'node-b']);
    assert.equal(decideRestore(withReport(asked, {})).status.phase, 'Created');
  });

  it('was restored after all when the node says so', () => {
    const lost = { ...ordered(), target: undefined };
    assert.equal(decideRestore(withReport(lost, { outcome: 'Restored' })).status.phase, 'Restored');
    const asked = after(lost, decideRestore(lost));
    assert.equal(decideRestore(withReport(asked, { outcome: 'Restored' })).status.phase, 'Restored');
  });

  it('is not waited for when its node is gone, or silent for a minute', () => {
    const lost = { ...ordered(), target: undefined };
    assert.equal(decideRestore({ ...lost, agent: 'gone' }).status.phase, 'Created');
    const asked = after(lost, decideRestore({ ...lost, agent: 'silent' }), { agent: 'silent' });
    assert.equal(decideRestore({ ...asked, now: later(59_000) }).status.phase, 'Restoring');
    assert.equal(decideRestore({ ...asked, now: later(60_000) }).status.phase, 'Created');
  });
});

describe('a Restore that is deleted', () => {
  it('goes at once when no node works on it', () => {
    for (const facts of [someFacts(), withReport(ordered(), { outcome: 'Restored' })]) {
      assert.equal(decideRestore({ ...facts, restore: deleted(facts.restore) }).finalizer, false);
    }
  });

  it('stays until the node has let go', () => {
    const facts = ordered();
    const gone = { ...facts, restore: deleted(facts.restore) };
    const abort = decideRestore(gone);
    assert.deepEqual([abort.status.step?.name, abort.finalizer, abort.notices[0]?.on], ['abort', true, 'pod']);
    const asked = after(gone, abort);
    assert.equal(decideRestore(asked).finalizer, true);
    assert.equal(decideRestore(withReport(asked, {})).finalizer, false);
    const stopped = withReport(gone, { phase: 'Failed', error: statusError(false) });
    assert.equal(decideRestore(stopped).status.step?.name, 'abort');
    assert.equal(decideRestore({ ...asked, agent: 'gone' }).finalizer, false);
    assert.equal(decideRestore({ ...asked, agent: 'silent', now: later(299_000) }).finalizer, true);
    assert.equal(decideRestore({ ...asked, agent: 'silent', now: later(300_000) }).finalizer, false);
  });
});
