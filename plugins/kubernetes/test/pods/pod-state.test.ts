// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import type { Pod, PodStatus } from '../../src/api/core-kinds.js';
import { identityOf } from '../../src/pods/identity-of.js';
import { makesPodsAnew, ownerOf } from '../../src/pods/owner-of.js';
import { isGone, isReady, isRunning, isTerminal, isTerminating, whyNotRunning } from '../../src/pods/pod-state.js';
import { jobPod } from './some-pods.js';

const READY = [{ type: 'Ready', status: 'True' }];

describe('state of a pod', () => {
  const table: [string, PodStatus | undefined, boolean, { running: boolean; ready: boolean; terminal: boolean }][] = [
    [
      'running and ready',
      { phase: 'Running', conditions: READY },
      false,
      { running: true, ready: true, terminal: false },
    ],
    ['running', { phase: 'Running', conditions: [] }, false, { running: true, ready: false, terminal: false }],
    ['being deleted', { phase: 'Running', conditions: READY }, true, { running: false, ready: false, terminal: false }],
    ['new', undefined, false, { running: false, ready: false, terminal: false }],
    ['finished', { phase: 'Succeeded' }, false, { running: false, ready: false, terminal: true }],
    ['failed', { phase: 'Failed' }, true, { running: false, ready: false, terminal: true }],
  ];
  for (const [name, status, terminating, expected] of table) {
    it(name, () => {
      const pod = podWith(status, terminating);
      assert.deepEqual({ running: isRunning(pod), ready: isReady(pod), terminal: isTerminal(pod) }, expected);
      assert.equal(isTerminating(pod), terminating);
      assert.equal(whyNotRunning(pod) === undefined, expected.running);
    });
  }

  it('gone is: no pod, another pod of the name, or an end', () => {
    const uid = jobPod().metadata.uid ?? '';
    assert.ok(isGone(undefined, uid));
    assert.ok(isGone(jobPod(), 'another'));
    assert.ok(isGone(podWith({ phase: 'Failed' }, false), uid));
    assert.ok(!isGone(podWith({ phase: 'Running' }, true), uid), 'while it is being deleted it runs on');
    assert.ok(!isGone(podWith({ phase: 'Unknown' }, false), uid));
  });
});

describe('owner and identity of a pod', () => {
  it('the owner is the controller, not just any owner', () => {
    assert.deepEqual(ownerOf(jobPod()), { apiVersion: 'batch/v1', kind: 'Job', name: 'train', uid: 'job-uid' });
    const other = { apiVersion: 'v1', kind: 'ConfigMap', name: 'c', uid: 'u' };
    assert.equal(ownerOf(jobPod({ metadata: { ownerReferences: [other] } })), undefined);
  });

  it('a DaemonSet and a kubelet make pods for one node only', () => {
    assert.ok(makesPodsAnew({ apiVersion: 'batch/v1', kind: 'Job', name: 'a', uid: 'u' }));
    assert.ok(!makesPodsAnew({ apiVersion: 'apps/v1', kind: 'DaemonSet', name: 'a', uid: 'u' }));
    assert.ok(!makesPodsAnew({ apiVersion: 'v1', kind: 'Node', name: 'a', uid: 'u' }));
  });

  it('only what the owner gives again is an identity', () => {
    assert.equal(identityOf(jobPod()), undefined, 'a name that was made up');
    const index = { 'batch.kubernetes.io/job-completion-index': '2' };
    assert.equal(identityOf(jobPod({ metadata: { annotations: index } })), '2');
    assert.equal(identityOf(jobPod({ metadata: { generateName: '', name: 'job-worker-0' } })), 'job-worker-0');
    assert.equal(identityOf(jobPod({ metadata: { ownerReferences: [] } })), undefined, 'a bare pod');
    const set = { apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'db', uid: 'u', controller: true };
    const ordinal = jobPod({ metadata: { name: 'db-0', generateName: 'db-', ownerReferences: [set] } });
    assert.equal(identityOf(ordinal), 'db-0');
  });
});

function podWith(status: PodStatus | undefined, terminating: boolean): Pod {
  const pod = jobPod(terminating ? { metadata: { deletionTimestamp: '2026-11-28T00:00:00Z' } } : {});
  const { status: _, ...rest } = pod;
  return status === undefined ? rest : { ...rest, status };
}
