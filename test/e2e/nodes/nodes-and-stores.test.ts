// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { GritError } from '@grit/plugin-api';
import { GRIT_NODES, KEYS, LEASES, NODES, STORES, type CheckpointStore, type GritNode } from '@grit/plugin-kubernetes';
import { clusterUnavailable } from '../../cluster/index.js';
import { NAMESPACE, startKubePlatform, type KubePlatform } from '../kubernetes/platform.js';

const never = new AbortController().signal;

/** Path of a store that no node can use. */
const MISSING = '/missing';

const readyOf = ({ status }: GritNode | CheckpointStore) => status?.conditions?.find(({ type }) => type === 'Ready');

describe('nodes and stores', function () {
  this.timeout(240_000);
  let platform: KubePlatform;
  let started: KubePlatform | undefined;

  /** Waits for phase and reason, and returns the message. */
  const untilStore = async (name: string, phase: string, reason: string): Promise<string> => {
    const store = await platform.until(STORES, { name }, `is ${phase}, ${reason}`, (object) => {
      return object.status?.phase === phase && readyOf(object)?.reason === reason;
    });
    return readyOf(store)?.message ?? '';
  };
  const setDefault = (name: string, value: 'true' | null): Promise<CheckpointStore> => {
    const body = { metadata: { name, annotations: { [KEYS.defaultStore]: value } } } as never;
    return platform.client.patch(STORES, { name }, body, {}, never);
  };

  before(async function () {
    const reason = await clusterUnavailable({});
    if (reason !== undefined) this.skip(reason);
    platform = await startKubePlatform({
      config: { nodeLeaseSeconds: 20 },
      agents: {
        probe: async ({ spec }) => {
          if (spec.config?.['path'] === MISSING) throw new GritError('GRIT_STORAGE_UNAVAILABLE', 'no such directory');
        },
      },
    });
    started = platform;
  });

  after(async () => {
    await started?.stop();
  });

  it('a store is Ready when nodes can use it; with one that is broken, its status says on which nodes and why', async () => {
    const store = await platform.until(STORES, { name: 'default' }, 'was tried by all', ({ status }) => {
      return status?.nodesReady === 3;
    });
    assert.equal(store.status?.phase, 'Ready');
    await platform.create(STORES, {
      metadata: { name: 'broken' },
      spec: { plugin: 'storage-pvc', config: { path: MISSING } },
    });
    const message = await untilStore('broken', 'NotReady', 'Unusable');
    assert.match(message, /^no node can use it: sim-[abc]: no such directory/);
    const body = { metadata: { name: 'broken' }, spec: { plugin: 'storage-pvc', config: { path: '/mended' } } };
    await platform.client.patch(STORES, { name: 'broken' }, body, {}, never);
    await untilStore('broken', 'Ready', 'Usable');
  });

  it('two defaults are both NotReady, each naming the other, until one of them is not the default any more', async () => {
    await platform.create(STORES, {
      metadata: { name: 'second', annotations: { [KEYS.defaultStore]: 'true' } },
      spec: { plugin: 'storage-pvc', config: { path: '/second' } },
    });
    assert.match(await untilStore('second', 'NotReady', 'SeveralDefaultStores'), /^default is the default, too/);
    assert.match(await untilStore('default', 'NotReady', 'SeveralDefaultStores'), /^second is the default, too/);
    await setDefault('second', null);
    await untilStore('default', 'Ready', 'Usable');
    await untilStore('second', 'Ready', 'Usable');
  });

  it('a node whose agent is silent is NotReady, and Ready when it is back', async () => {
    await platform.agents.stop('sim-b');
    const silent = await platform.untilPhase(GRIT_NODES, { name: 'sim-b' }, 'NotReady');
    assert.equal(readyOf(silent)?.reason, 'AgentSilent');
    platform.agents.start('sim-b');
    await platform.untilPhase(GRIT_NODES, { name: 'sim-b' }, 'Ready');
  });

  it('a Node that is deleted takes along what there is of its agent', async () => {
    await platform.agents.stop('sim-c');
    await platform.client.delete(NODES, { name: 'sim-c' }, {}, never);
    await platform.untilGone(GRIT_NODES, { name: 'sim-c' });
    await platform.untilGone(LEASES, { name: 'grit-node-sim-c', namespace: NAMESPACE });
    const store = await platform.until(STORES, { name: 'default' }, 'counts two nodes', ({ status }) => {
      return status?.nodesReady === 2;
    });
    assert.equal(store.status?.phase, 'Ready');
  });
});
