// SPDX-License-Identifier: Apache-2.0
import { deepEqual } from 'node:assert/strict';
import type { Checkpoint, CheckpointSpec, CheckpointStatus } from '../../../src/api/checkpoint.js';
import type { CheckpointStore } from '../../../src/api/checkpoint-store.js';
import type { GritNode } from '../../../src/api/grit-node.js';
import type { KubeNode, Pod } from '../../../src/api/core-kinds.js';
import type { ControlContext } from '../../../src/controllers/context.js';
import type { Informers } from '../../../src/controllers/informers.js';
import { wakeCheckpoints } from '../../../src/controllers/checkpoint/wake-checkpoints.js';
import { someInformers } from './some-informers.js';

const AT = '2026-11-28T04:00:00Z';
const STEP = { node: 'a', token: 't', attempt: 1, orderedAt: AT } as const;
let version = 0;

function checkpoint(name: string, status: CheckpointStatus, spec: CheckpointSpec = { podName: 'p' }): Checkpoint {
  return { metadata: { name, namespace: 'n', uid: name, resourceVersion: String((version += 1)) }, spec, status };
}

type PodPhase = NonNullable<NonNullable<Pod['status']>['phase']>;

function pod(name: string, phase: PodPhase, more: Partial<Pod['spec']> = {}, labels: Record<string, string> = {}): Pod {
  return {
    metadata: { name, namespace: 'n', uid: `uid-${name}`, resourceVersion: String((version += 1)), labels },
    spec: { nodeName: 'a', containers: [], ...more },
    status: { phase },
  };
}

function node(ready: 'True' | 'False'): KubeNode {
  return {
    metadata: { name: 'a', uid: 'a', resourceVersion: String((version += 1)) },
    status: { conditions: [{ type: 'Ready', status: ready }] },
  };
}

describe('a Checkpoint is looked at', () => {
  let informers: Informers;
  let end: AbortController;
  const woken = new Set<string>();

  beforeEach(() => {
    informers = someInformers();
    end = new AbortController();
    wakeCheckpoints({ informers } as ControlContext, (key) => woken.add(key), end.signal);
  });

  afterEach(() => end.abort());

  const wokenBy = (change: () => void): readonly string[] => {
    woken.clear();
    change();
    return [...woken].sort();
  };

  it('when the one that went first gives way: for good, until it is mended, or for a rest', () => {
    const busy = { podUID: 'p', step: { ...STEP, name: 'checkpoint' } } as const;
    informers.checkpoints.stored(checkpoint('next', { podUID: 'p' }));
    const give = (before: CheckpointStatus, after: CheckpointStatus): readonly string[] => {
      informers.checkpoints.stored(checkpoint('first', before));
      return wokenBy(() => informers.checkpoints.stored(checkpoint('first', after)));
    };
    deepEqual(give(busy, { ...busy, finishedAt: AT }), ['n/first', 'n/next']);
    deepEqual(give({}, { phase: 'Failed' }), ['n/first', 'n/next']);
    const undone = { token: 't', phase: 'Succeeded', startedAt: AT } as const;
    const abort = { podUID: 'p', step: { ...STEP, name: 'abort' } } as const;
    deepEqual(give(abort, { ...abort, report: undone }), ['n/first', 'n/next']);
    deepEqual(give(busy, { ...busy, failures: 1 }), ['n/first']);
  });

  it('when its pod changes in what counts, and not otherwise', () => {
    informers.checkpoints.stored(checkpoint('c', {}));
    deepEqual(
      wokenBy(() => informers.pods.stored(pod('p', 'Pending'))),
      ['n/c'],
    );
    deepEqual(
      wokenBy(() => informers.pods.stored(pod('p', 'Running'))),
      ['n/c'],
    );
    deepEqual(
      wokenBy(() => informers.pods.stored(pod('p', 'Running'))),
      [],
    );
  });

  it('when a pod begins or ceases to have its labels', () => {
    informers.checkpoints.stored(checkpoint('c', {}, { selector: { matchLabels: { app: 'x' } } }));
    informers.pods.stored(pod('q', 'Running', {}, { app: 'x' }));
    deepEqual(
      wokenBy(() => informers.pods.stored(pod('q', 'Running', {}, { app: 'y' }))),
      ['n/c'],
    );
    deepEqual(
      wokenBy(() => informers.pods.stored(pod('q', 'Failed', {}, { app: 'y' }))),
      ['n/c'],
    );
  });

  it('when a pod that had its claim has finished, also between two tries', () => {
    const spec = { podName: 'p', volumeClaim: { claimName: 'store' } };
    const resting = { podUID: 'p', step: { ...STEP, name: 'abort' } } as const;
    informers.checkpoints.stored(checkpoint('c', resting, spec));
    const volumes = [{ name: 'v', persistentVolumeClaim: { claimName: 'store' } }];
    informers.pods.stored(pod('user', 'Running', { volumes }));
    deepEqual(
      wokenBy(() => informers.pods.stored(pod('user', 'Succeeded', { volumes }))),
      ['n/c'],
    );
  });

  it('when it is to go with its image, and a node may be able to delete that; or that is decided anew', () => {
    const ended = { podUID: 'p', storage: 'CheckpointStore/s', finishedAt: AT };
    const leaving = checkpoint('leaving', ended);
    informers.checkpoints.stored({ ...leaving, metadata: { ...leaving.metadata, deletionTimestamp: AT } });
    informers.checkpoints.stored(checkpoint('kept', ended));
    informers.checkpoints.stored(checkpoint('elsewhere', { ...ended, storage: 'CheckpointStore/other' }));
    const store = (deletionPolicy: 'Delete' | 'Retain', nodesReady = 0): CheckpointStore => ({
      metadata: { name: 's', uid: 's', resourceVersion: String((version += 1)) },
      spec: { plugin: 'storage-pvc', deletionPolicy },
      status: { nodesReady },
    });
    const see = (one: CheckpointStore): readonly string[] => wokenBy(() => informers.stores.stored(one));
    deepEqual(see(store('Delete')), ['n/kept', 'n/leaving']);
    deepEqual(see(store('Delete', 1)), ['n/leaving']);
    deepEqual(see(store('Retain')), ['n/kept', 'n/leaving']);
    const agent = (phase: 'Ready' | 'NotReady'): GritNode => ({
      metadata: { name: 'z', uid: 'z', resourceVersion: String((version += 1)) },
      status: { phase },
    });
    informers.gritNodes.stored(agent('NotReady'));
    deepEqual(
      wokenBy(() => informers.gritNodes.stored(agent('Ready'))),
      ['n/leaving'],
    );
  });

  it('when its node is Ready again', () => {
    informers.checkpoints.stored(checkpoint('c', { podUID: 'p', nodeName: 'a' }));
    informers.nodes.stored(node('False'));
    deepEqual(
      wokenBy(() => informers.nodes.stored(node('False'))),
      [],
    );
    deepEqual(
      wokenBy(() => informers.nodes.stored(node('True'))),
      ['n/c'],
    );
  });
});
