// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import type { Cluster } from '../../cluster/index.js';
import type { ApiCalls, ApiObject } from './api-calls.js';

const API = 'kaito.sh/v1alpha1';
const AT = '2026-11-28T04:00:00Z';
const ready = [{ type: 'Ready', status: 'True', reason: 'Usable', message: 'all is well', lastTransitionTime: AT }];

const OBJECTS = [
  {
    kind: 'Checkpoint',
    spec: { selector: { matchLabels: { app: 'train' } } },
    status: {
      phase: 'Checkpointing',
      podName: 'train-0',
      nodeName: 'node-a',
      storage: 'CheckpointStore/shared',
      progress: { phase: 'store', doneBytes: 1024 },
    },
  },
  {
    kind: 'Restore',
    spec: { checkpointName: 'demo' },
    status: { phase: 'Restored', targetPod: 'train-0', nodeName: 'node-b' },
  },
  {
    kind: 'Migration',
    spec: { podName: 'train-0' },
    status: { phase: 'Restoring', sourceNode: 'node-a', targetNode: 'node-b', checkpointName: 'table' },
  },
  {
    kind: 'CheckpointStore',
    annotations: { 'grit.dev/is-default-store': 'true' },
    spec: { plugin: 'storage-pvc' },
    status: { nodesReady: 3, conditions: ready },
  },
  {
    kind: 'GritNode',
    spec: {},
    status: { facts: { criu: '4.2.1', kernel: '6.18.0', gpuCount: 8 }, conditions: ready },
  },
];

/** What `kubectl get` shows: the prototype's columns first and by its names. */
const EXPECTED = {
  ckpt: ['NAME POD PHASE NODE STORAGE AGE', 'table train-0 Checkpointing node-a CheckpointStore/shared'],
  rt: ['NAME CHECKPOINT RESTORATIONPOD NODENAME PHASE AGE', 'table demo train-0 node-b Restored'],
  mig: ['NAME POD FROM TO PHASE AGE', 'table train-0 node-a node-b Restoring'],
  cks: ['NAME PLUGIN READY NODES DEFAULT AGE', 'table storage-pvc True 3 true'],
  gn: ['NAME READY CRIU KERNEL GPUS AGE', 'table True 4.2.1 6.18.0 8'],
};

export function describeTables(cluster: () => Cluster, admin: () => ApiCalls): void {
  const rows = async (...args: string[]): Promise<readonly string[]> =>
    (await cluster().kubectl('get', ...args)).split('\n').map((row) => row.trim().replaceAll(/\s+/g, ' '));

  describe('kubectl get', () => {
    before(async () => {
      for (const { kind, annotations = {}, spec, status } of OBJECTS) {
        const object = objectOf(kind, annotations);
        await admin().create({ ...object, spec });
        await admin().patch(object, { status }, '/status');
      }
    });

    for (const [name, [head, row = '']] of Object.entries(EXPECTED)) {
      it(`${name} has its columns`, async () => {
        const [shown, only = ''] = await rows(name, 'table');
        assert.equal(shown, head);
        // The age comes after it.
        assert.equal(only.slice(0, row.length), row);
      });
    }

    it('ckpt shows the name of a pod that nobody has looked for yet', async () => {
      const named = { ...objectOf('Checkpoint'), metadata: { name: 'table-new', namespace: 'default' } };
      await admin().create({ ...named, spec: { podName: 'train-1' } });
      const [, row = ''] = await rows('ckpt', 'table-new');
      assert.match(row, /^table-new train-1 \S+$/);
    });

    it('ckpt -o wide tells what is being done', async () => {
      const [head = '', row = ''] = await rows('ckpt', 'table', '-o=wide');
      assert.match(head, /AGE STEP DONE SIZE RESTORE ERROR$/);
      assert.match(row, / store 1024$/);
    });

    it('grit is the category of all kinds', async () => {
      const shown = (await rows('grit', '-o=name')).filter((row) => row.endsWith('/table'));
      assert.deepEqual(shown.map((row) => row.split('.')[0]).sort(), [
        'checkpoint',
        'checkpointstore',
        'gritnode',
        'migration',
        'restore',
      ]);
    });

    it('lists are narrowed to the orders of a node', async () => {
      const [there = ''] = await rows('ckpt', '--field-selector=status.step.node=only-here', '-o=name');
      assert.equal(there, '');
      const step = { name: 'checkpoint', node: 'only-here', token: 't', attempt: 1, orderedAt: AT };
      await admin().patch(objectOf('Checkpoint'), { status: { step } }, '/status');
      const [found] = await rows('ckpt', '--field-selector=status.step.node=only-here', '-o=name');
      assert.equal(found, 'checkpoint.kaito.sh/table');
    });
  });
}

function objectOf(kind: string, annotations: object = {}): ApiObject {
  const where = ['CheckpointStore', 'GritNode'].includes(kind) ? {} : { namespace: 'default' };
  return { apiVersion: API, kind, metadata: { name: 'table', ...where, annotations } };
}
