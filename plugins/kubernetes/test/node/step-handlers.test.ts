// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import type { NodeSteps, StartGate, WorkloadRef } from '@grit/plugin-api';
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
