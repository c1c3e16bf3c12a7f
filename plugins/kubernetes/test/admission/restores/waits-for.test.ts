// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { waitingFor, waitsFor } from '../../../src/admission/restores/waits-for.js';
import type { RestoreSpec } from '../../../src/api/restore.js';
import { jobPod } from '../../pods/some-pods.js';

describe('label of a Restore that waits', () => {
  const JOB = { apiVersion: 'batch/v1', kind: 'Job', name: 'train', uid: 'job-uid' };
  const finds = (spec: Partial<RestoreSpec>, pod = jobPod()): boolean =>
    (/\((.*)\)/.exec(waitingFor(pod))?.[1] ?? '').split(',').includes(waitsFor({ ...spec }));

  it('is found by each pod that may take it', () => {
    assert.ok(finds({ ownerRef: JOB }));
    assert.ok(finds({ podName: 'train-x7k2p' }));
    assert.ok(finds({ selector: { matchLabels: { app: 'train' } } }));
    assert.ok(finds({ ownerRef: { apiVersion: 'batch/v1', kind: 'Job', name: 'train' } }));
    assert.ok(finds({ ownerRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web', uid: 'd' } }));
    assert.ok(finds({ ownerRef: { ...JOB, uid: 'not a UID, or a very strange one' } }));
    assert.ok(finds({ podName: 'x'.repeat(253) }, jobPod({ metadata: { name: 'x'.repeat(253) } })));
  });

  it('is not found by those of other owners and names', () => {
    assert.ok(!finds({ ownerRef: { ...JOB, uid: 'another' } }));
    assert.ok(!finds({ podName: 'other' }));
    assert.ok(!finds({ ownerRef: JOB }, jobPod({ metadata: { ownerReferences: [] } })));
  });

  it('is a value that a label may have', () => {
    for (const value of [waitsFor({ podName: 'x'.repeat(253) }), waitsFor({ ownerRef: JOB }), waitsFor({})]) {
      assert.match(value, /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/);
    }
  });
});
