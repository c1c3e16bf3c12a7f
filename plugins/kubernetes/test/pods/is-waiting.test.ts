// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import type { Restore, RestoreSpec, RestoreStatus } from '../../src/api/restore.js';
import { isUnfinished, isWaiting, needsCheckpoint } from '../../src/pods/is-waiting.js';

function restore(status: RestoreStatus, fallback: NonNullable<RestoreSpec['fallback']> = 'none'): Restore {
  return { metadata: { name: 'r', namespace: 'n' }, spec: { checkpointName: 'c', fallback }, status };
}

describe('a Restore', () => {
  const pod = { targetPod: 'p', targetPodUID: 'u' };
  const cases: readonly [string, Restore, { holdsUp: boolean; takes: boolean; needs: boolean }][] = [
    ['that waits', restore({ phase: 'Created' }), { holdsUp: true, takes: true, needs: true }],
    ['with a pod', restore({ phase: 'Pending', ...pod }), { holdsUp: true, takes: false, needs: true }],
    ['that has restored', restore({ phase: 'Restored', ...pod }), { holdsUp: false, takes: false, needs: false }],
    ['that started fresh', restore({ phase: 'ColdStarted', ...pod }), { holdsUp: false, takes: false, needs: false }],
    ['that failed with a pod', restore({ phase: 'Failed', ...pod }), { holdsUp: true, takes: false, needs: true }],
    ['without an image', restore({ phase: 'Failed' }), { holdsUp: true, takes: true, needs: false }],
    [
      'without an image that allows to start fresh',
      restore({ phase: 'Failed' }, 'fresh'),
      { holdsUp: false, takes: false, needs: false },
    ],
  ];
  for (const [what, made, { holdsUp, takes, needs }] of cases) {
    it(`${what} ${holdsUp ? 'holds up' : 'lets through'} pods like its own, and ${needs ? 'needs' : 'does not need'} its Checkpoint`, () => {
      assert.deepEqual([isUnfinished(made), isWaiting(made), needsCheckpoint(made)], [holdsUp, takes, needs]);
    });
  }

  it('that is being deleted holds nobody up', () => {
    const made = restore({ phase: 'Failed' });
    assert.equal(
      isUnfinished({ ...made, metadata: { ...made.metadata, deletionTimestamp: '2026-11-28T00:00:00Z' } }),
      false,
    );
  });
});
