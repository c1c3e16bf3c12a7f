// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { KEYS } from '../../src/api/group.js';
import type { Restore, RestoreSpec } from '../../src/api/restore.js';
import { matches, matchOf } from '../../src/pods/matches.js';
import { podSpecHash } from '../../src/pods/pod-spec-hash.js';
import { jobPod, trainContainer } from './some-pods.js';

const JOB = { apiVersion: 'batch/v1', kind: 'Job', name: 'train', uid: 'job-uid' };

describe('matches', () => {
  it('needs owner and spec', () => {
    const waiting = restore({ ownerRef: JOB });
    assert.equal(matchOf(waiting, jobPod()), 'taken');
    assert.equal(matchOf(restore({ ownerRef: { ...JOB, uid: 'another' } }), jobPod()), 'other');
    assert.equal(matchOf(waiting, jobPod({ spec: { containers: [trainContainer({ image: 'new' })] } })), 'changed');
    assert.equal(matchOf(waiting, jobPod({ metadata: { ownerReferences: [] } })), 'other');
  });

  it('knows an owner without its UID by group, kind and name', () => {
    const { uid: _, ...named } = JOB;
    assert.ok(matches(restore({ ownerRef: named }), jobPod()));
    assert.ok(matches(restore({ ownerRef: { ...named, apiVersion: 'batch/v2' } }), jobPod()));
    assert.ok(!matches(restore({ ownerRef: { ...named, apiVersion: 'volcano.sh/v1' } }), jobPod()));
    assert.ok(!matches(restore({ ownerRef: { ...named, name: 'other' } }), jobPod()));
  });

  it('finds the pods of a Deployment behind its ReplicaSets', () => {
    const pod = jobPod({
      metadata: {
        labels: { 'pod-template-hash': '5d4' },
        ownerReferences: [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'web-5d4', uid: 'rs', controller: true }],
      },
    });
    assert.ok(matches(restore({ ownerRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' } }), pod));
    assert.ok(!matches(restore({ ownerRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'we' } }), pod));
  });

  it('keeps the pods of a StatefulSet and of an indexed Job apart', () => {
    const set = { apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'db', uid: 'set', controller: true };
    const pod = jobPod({ metadata: { name: 'db-1', generateName: 'db-', ownerReferences: [set] } });
    assert.ok(matches(restore({ ownerRef: set }), pod, { identity: 'db-1' }));
    assert.ok(!matches(restore({ ownerRef: set }), pod, { identity: 'db-0' }));
    const indexed = jobPod({ metadata: { annotations: { 'batch.kubernetes.io/job-completion-index': '4' } } });
    assert.ok(matches(restore({ ownerRef: JOB }), indexed, { identity: '4' }));
    assert.ok(!matches(restore({ ownerRef: JOB }), indexed, { identity: '3' }));
    // Another identity is another pod, not a changed one.
    assert.equal(matchOf(restore({ ownerRef: set }, 'another'), pod, { identity: 'db-0' }), 'other');
  });

  it('goes by selector and by name, whatever the spec', () => {
    assert.ok(matches(restore({ selector: { matchLabels: { app: 'train' } } }, 'another'), jobPod()));
    assert.ok(!matches(restore({ selector: { matchLabels: { app: 'web' } } }), jobPod()));
    assert.ok(matches(restore({ podName: 'train-x7k2p' }, 'another'), jobPod()));
    assert.ok(!matches(restore({ podName: 'train' }), jobPod()));
    assert.ok(!matches(restore({ podName: 'train', ownerRef: JOB }), jobPod()), 'all that is given must hold');
  });

  it('takes no pod when nothing says which', () => {
    assert.ok(!matches(restore({}), jobPod()));
  });
});

function restore(spec: Partial<RestoreSpec>, hash = podSpecHash(jobPod())): Restore {
  return {
    metadata: { name: 'demo', namespace: 'default', annotations: { [KEYS.podSpecHash]: hash } },
    spec: { checkpointName: 'demo', ...spec },
  };
}
