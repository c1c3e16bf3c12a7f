// SPDX-License-Identifier: Apache-2.0
import { deepEqual, equal } from 'node:assert/strict';
import { findCondition } from '../../../src/kit/conditions.js';
import { CheckpointWorld } from './checkpoint-world.js';

describe('the Restore of a move, all that its pod has once that is on its way out,', () => {
  it('stays when the move is given up and the pod is on its way out, whatever the cache says', () => {
    for (const end of ['terminating', 'gone', 'finished'] as const) {
      const w = new CheckpointWorld({ podName: 'p', autoMigration: true, timeouts: { stop: '1m' } });
      w.budget = false;
      w.round();
      w.answer('Succeeded');
      w.round();
      equal(w.status.phase, 'Submitting');
      w.cached = 'running';
      w.pod = end;
      w.now += 60_000;
      w.round();
      deepEqual([w.restore, w.status.step?.name, w.status.error], [true, 'checkpoint', undefined]);
      equal(w.status.phase, end === 'terminating' ? 'Submitting' : 'Submitted');
      w.cached = undefined;
      w.pod = 'gone';
      w.round();
      deepEqual([w.status.phase, w.restore, w.status.restoreName], ['Submitted', true, 'c']);
    }
  });

  it('is handed over to when somebody else deletes the pod before it is evicted', () => {
    for (const end of ['terminating', 'gone'] as const) {
      const w = new CheckpointWorld({ podName: 'p', autoMigration: true });
      w.inForce = false;
      w.round();
      w.answer('Succeeded');
      w.round();
      deepEqual([w.restore, w.status.phase, w.moves.includes('evict')], [true, 'Checkpointed', false]);
      w.pod = end;
      w.round();
      deepEqual([w.restore, w.status.restoreName, w.status.error], [true, 'c', undefined]);
      w.pod = 'gone';
      w.round();
      equal(w.status.phase, 'Submitted');
    }
  });

  it('stays when only the cache lacks the pod, and the move goes on', () => {
    const w = new CheckpointWorld({ podName: 'p', autoMigration: true });
    w.inForce = false;
    w.round();
    w.answer('Succeeded');
    w.round();
    w.cached = 'gone';
    w.round();
    deepEqual([w.status.phase, w.status.finishedAt, w.restore], ['Checkpointed', undefined, true]);
    w.cached = undefined;
    w.inForce = true;
    w.round();
    equal(w.status.phase, 'Submitting');
  });

  it('stays when the Checkpoint is deleted and the pod is on its way out, which no cache knows yet', () => {
    const w = new CheckpointWorld({ podName: 'p', autoMigration: true });
    w.inForce = false;
    w.round();
    w.answer('Succeeded');
    w.round();
    w.cached = 'running';
    w.pod = 'terminating';
    w.deleting = true;
    w.round();
    deepEqual([w.gone, w.restore, w.status.step?.name], [false, true, 'checkpoint']);
    equal(findCondition(w.status.conditions, 'Waiting')?.reason, 'RestoreNeedsIt');
  });
});
