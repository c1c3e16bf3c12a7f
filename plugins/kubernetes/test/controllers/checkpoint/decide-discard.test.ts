// SPDX-License-Identifier: Apache-2.0
import { deepEqual, equal, match, ok } from 'node:assert/strict';
import type { CheckpointSpec } from '../../../src/api/checkpoint.js';
import { findCondition } from '../../../src/kit/conditions.js';
import { CheckpointWorld } from './checkpoint-world.js';

const FAILED = { error: { code: 'GRIT_STORAGE_UNAVAILABLE', message: 'no answer', hint: 'look', retryable: true } };

/** It is Checkpointed, and then deleted. */
function deleted(
  spec: CheckpointSpec = {},
  prepare: (w: CheckpointWorld) => unknown = () => undefined,
): CheckpointWorld {
  const w = new CheckpointWorld({ podName: 'p', ...spec });
  w.round();
  w.answer('Succeeded');
  w.round();
  w.round();
  prepare(w);
  w.deleting = true;
  w.round();
  return w;
}

function waits({ status }: CheckpointWorld): string | undefined {
  const condition = findCondition(status.conditions, 'Waiting');
  return condition?.status === 'True' ? `${condition.reason}: ${condition.message}` : undefined;
}

function ordered({ status: { step } }: CheckpointWorld): readonly unknown[] {
  return [step?.name, step?.node, step?.attempt];
}

describe('the image of a Checkpoint that is deleted', () => {
  it('is deleted by the node of its pod, and then the object goes', () => {
    const w = deleted();
    deepEqual([w.status.step?.name, w.status.step?.node, w.status.step?.attempt], ['discard', 'a', 1]);
    deepEqual([w.gone, w.status.phase], [false, 'Checkpointed']);
    const before = w.status;
    w.round();
    deepEqual(w.status, before, 'a second look writes nothing');
    w.answer('Running');
    w.round();
    equal(w.gone, false);
    w.answer('Succeeded');
    w.round();
    deepEqual([w.gone, w.discarded], [true, ['a']]);
  });

  it('is deleted by another node when that of its pod cannot, also in the middle', () => {
    const w = deleted({}, (one) => (one.able = ['b', 'c']));
    deepEqual(ordered(w), ['discard', 'b', 1], 'a is not at work; c cannot use the store');
    w.answer('Running');
    w.able = ['a'];
    w.round();
    deepEqual(ordered(w), ['discard', 'a', 2]);
    w.answer('Succeeded');
    w.round();
    deepEqual([w.gone, w.discarded], [true, ['a']]);
  });

  it('waits for a node for as long as it takes, says how to do without, and goes on', () => {
    const w = deleted({}, (one) => (one.able = []));
    match(waits(w) ?? '', /^NoNodeForStore: .*kubectl annotate checkpoint c -n n grit.dev\/retain-image=true/);
    w.now += 1_000 * 3_600_000;
    w.round();
    deepEqual([w.gone, w.status.step?.name], [false, 'checkpoint']);
    w.able = ['b'];
    w.round();
    deepEqual([w.status.step?.name, w.status.step?.node, waits(w)], ['discard', 'b', undefined]);
  });

  it('waits for its agent, which finds the order when it is back', () => {
    const w = deleted();
    const token = w.status.step?.token;
    w.able = [];
    w.round();
    match(waits(w) ?? '', /^NoNodeForStore/);
    w.able = ['a'];
    w.round();
    deepEqual([w.status.step?.token, waits(w)], [token, undefined]);
  });

  it('is tried again by one node after the other, with pauses, when it cannot be deleted', () => {
    const w = deleted();
    const nodes: unknown[] = [];
    for (let tries = 0; tries < 12; tries += 1) {
      nodes.push(w.status.step?.node);
      const { token } = w.status.step ?? {};
      w.answer('Failed', FAILED);
      w.round();
      equal(w.status.step?.token, token, 'not at once');
      match(waits(w) ?? '', /^DiscardFailed: node . could not .*: no answer.*retain-image=true/);
      w.now += 300_000;
      w.round();
      ok(w.status.step?.token !== token);
    }
    deepEqual(nodes.slice(0, 4), ['a', 'b', 'a', 'b']);
    equal(w.gone, false);
  });

  it('stays where somebody says so, also when its deletion waits already', () => {
    for (const retain of [
      (w: CheckpointWorld) => (w.retain = true),
      (w: CheckpointWorld) => (w.store = { deletionPolicy: 'Retain' }),
    ]) {
      const w = deleted({}, (one) => (one.able = []));
      retain(w);
      w.round();
      deepEqual([w.gone, w.discarded], [true, []]);
      const said = findCondition(w.status.conditions, 'ImageRetained');
      equal(said?.reason, 'Retained');
      match(said.message, /the image \(image, 1 bytes\) stays in CheckpointStore default, as (its annotation|spec)/);
    }
  });

  it('is left, and said to be, when its store is gone', () => {
    const w = deleted({}, (one) => (one.store = undefined));
    equal(w.gone, true);
    const said = findCondition(w.status.conditions, 'ImageRetained');
    deepEqual([said?.reason, w.discarded], ['StoreGone', []]);
  });

  it('in a claim is the user’s', () => {
    const w = deleted({ volumeClaim: { claimName: 'store' } });
    deepEqual([w.gone, w.discarded], [true, []]);
  });

  it('is kept by the finalizer only where it is to be deleted', () => {
    const w = new CheckpointWorld({ podName: 'p' });
    w.round();
    w.answer('Succeeded');
    w.round();
    w.round();
    equal(w.finalizer, true);
    const changes: readonly [(one: CheckpointWorld) => unknown, boolean][] = [
      [(one) => (one.retain = true), false],
      [(one) => (one.retain = false), true],
      [(one) => (one.store = { deletionPolicy: 'Retain' }), false],
      [(one) => (one.store = { deletionPolicy: 'Delete' }), true],
      [(one) => (one.store = undefined), false],
    ];
    for (const [change, kept] of changes) {
      change(w);
      w.round();
      equal(w.finalizer, kept, String(change));
    }
  });

  it('is not deleted while the API server knows of a Restore, which the cache does not yet', () => {
    const w = deleted({}, (one) => (one.restoring = one.unaware = true));
    deepEqual([w.gone, w.status.step?.name], [false, 'checkpoint']);
    match(waits(w) ?? '', /^RestoreNeedsIt/);
    w.unaware = false;
    w.restoring = false;
    w.round();
    equal(w.status.step?.name, 'discard');
  });

  it('that a checkpoint failed to undo is deleted, too, but not waited for', () => {
    for (const able of [['b'], []]) {
      const w = new CheckpointWorld({ podName: 'p' });
      w.round();
      w.nodeReady = false;
      w.deleting = true;
      w.able = able;
      w.round();
      deepEqual(ordered(w), ['abort', 'a', 1]);
      w.now += 300_000;
      w.round();
      deepEqual([w.gone, ordered(w)[0]], able.length === 0 ? [true, 'abort'] : [false, 'discard']);
      w.answer('Succeeded');
      w.round();
      deepEqual([w.gone, w.discarded], [true, able]);
    }
  });

  it('that was thrown away by the abort is not looked for', () => {
    const w = new CheckpointWorld({ podName: 'p' });
    w.round();
    w.deleting = true;
    w.round();
    w.answer('Succeeded');
    w.round();
    deepEqual([w.gone, w.discarded], [true, []]);
  });
});
