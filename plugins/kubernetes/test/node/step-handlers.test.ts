// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { GritError, type NodeSteps, type StartGate, type StorageProvider, type WorkloadRef } from '@grit/plugin-api';
import { MemoryLogger } from '@grit/plugin-testing';
import type { StepName } from '../../src/api/step.js';
import type { KubeClient } from '../../src/kit/kube-client.js';
import { stepHandlers } from '../../src/node/step-handlers.js';
import { StoreSecrets } from '../../src/node/store-secrets.js';
import { someRestore } from '../controllers/restore/some-restores.js';

const context = { signal: new AbortController().signal, onProgress: () => undefined, logger: new MemoryLogger() };

/** The handlers of a node on which the pod of the Restore goes on, or not. */
function handlers(goesOn: boolean, fresh: WorkloadRef[] = []) {
  const gate: Pick<StartGate, 'startFresh'> = {
    startFresh: (workload) => {
      fresh.push(workload);
      return Promise.resolve();
    },
  };
  const steps: Partial<NodeSteps> = {
    abandon: () => Promise.resolve(!goesOn),
    gate: () => Promise.resolve(gate as StartGate),
  };
  return stepHandlers(steps as NodeSteps, undefined as unknown as KubeClient, new StoreSecrets(undefined));
}

function order(name: StepName) {
  const object = someRestore({}, { targetPod: 'p', targetPodUID: 'pod-uid' });
  const step = { name, token: 't', node: 'a', attempt: 1, orderedAt: '2026-11-28T04:00:00Z' };
  return { kind: 'Restore' as const, object, step };
}

describe('a Restore that is taken back on its node', () => {
  it('is said to be Restored when its pod goes on already: nobody else may', async () => {
    assert.deepEqual(await handlers(true).abort(order('abort'), context), { outcome: 'Restored' });
    assert.deepEqual(await handlers(false).abort(order('abort'), context), { held: false });
  });

  it('is not started from the beginning when its pod goes on already', async () => {
    const fresh: WorkloadRef[] = [];
    assert.deepEqual(await handlers(true, fresh)['start-fresh'](order('start-fresh'), context), {
      outcome: 'Restored',
    });
    assert.deepEqual(fresh, []);
    assert.deepEqual(await handlers(false, fresh)['start-fresh'](order('start-fresh'), context), {
      outcome: 'ColdStarted',
    });
    assert.deepEqual(
      fresh.map(({ uid }) => uid),
      ['pod-uid'],
    );
  });
});

describe('a Checkpoint that is deleted', () => {
  const store = { metadata: { name: 's' }, spec: { plugin: 'storage-pvc', config: { path: '/images' } } };
  const client: Pick<KubeClient, 'get'> = { get: () => Promise.resolve(store as never) };
  const step = { name: 'discard', token: 't', node: 'a', attempt: 1, orderedAt: '2026-11-28T04:00:00Z' } as const;
  const status = { storage: 'CheckpointStore/s', image: { id: 'ck-u', size: 1, digest: 'sha256:0' } };
  const object = { metadata: { name: 'c', namespace: 'n', uid: 'u' }, spec: {}, status };

  it('takes its image along, from its store and from this node', async () => {
    const undone: unknown[] = [];
    const storage = {} as StorageProvider;
    const steps: Partial<NodeSteps> = {
      openStore: ({ plugin, config }) => {
        undone.push([plugin, config]);
        return Promise.resolve(storage);
      },
      undo: (id, from) => {
        undone.push([id, from === storage]);
        return Promise.resolve();
      },
    };
    const { discard } = stepHandlers(steps as NodeSteps, client as KubeClient, new StoreSecrets(undefined));
    assert.deepEqual(await discard({ kind: 'Checkpoint', object, step }, context), {});
    assert.deepEqual(undone, [
      ['storage-pvc', { path: '/images' }],
      ['ck-u', true],
    ]);
  });

  it('is not said to be rid of it when the store cannot be opened', async () => {
    const steps: Partial<NodeSteps> = {
      openStore: () => Promise.reject(new GritError('GRIT_STORAGE_UNKNOWN', 'no such plugin')),
      undo: () => assert.fail('undone'),
    };
    const { discard } = stepHandlers(steps as NodeSteps, client as KubeClient, new StoreSecrets(undefined));
    await assert.rejects(discard({ kind: 'Checkpoint', object, step }, context), { code: 'GRIT_STORAGE_UNKNOWN' });
  });

  it('in a claim, which is the user’s, is never told to discard it', async () => {
    const { discard } = stepHandlers({} as NodeSteps, client as KubeClient, new StoreSecrets(undefined));
    const claimed = { ...object, spec: { volumeClaim: { claimName: 'mine' } } };
    await assert.rejects(discard({ kind: 'Checkpoint', object: claimed, step }, context));
  });
});

describe('a store that is collected', () => {
  const store = { metadata: { name: 's' }, spec: { plugin: 'storage-blob' } };
  const client: Partial<KubeClient> = {};
  const found = { objects: 0, bytes: 0 };
  const result = { used: found, removed: found, waiting: found };

  it('is asked to by its plugin, with the grace period; one that cannot says nothing', async () => {
    const asked: unknown[] = [];
    const collecting: Pick<StorageProvider, 'collect'> = {
      collect: ({ graceMs }) => {
        asked.push(graceMs);
        return Promise.resolve(result);
      },
    };
    for (const storage of [collecting, {}]) {
      const steps: Partial<NodeSteps> = { openStore: () => Promise.resolve(storage as StorageProvider) };
      const { collectStore } = stepHandlers(steps as NodeSteps, client as KubeClient, new StoreSecrets(undefined));
      assert.equal(await collectStore(store, 7, context.signal), storage === collecting ? result : undefined);
    }
    assert.deepEqual(asked, [7]);
  });
});
