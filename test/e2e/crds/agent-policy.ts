// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import type { Cluster } from '../../cluster/index.js';
import { until } from '../../cluster/until.js';
import { ApiCalls, type ApiObject } from './api-calls.js';

const AT = '2026-11-28T04:00:00Z';
const ACCOUNT = { namespace: 'grit-system', name: 'grit-agent' };

const REPORT = { token: 't', phase: 'Running', startedAt: AT };
const entry = (name: string, ready = true) => ({ name, generation: 1, ready });
const lease = (node: string): ApiObject => ({
  apiVersion: 'coordination.k8s.io/v1',
  kind: 'Lease',
  metadata: { name: `grit-node-${node}`, namespace: 'grit-system' },
  spec: { holderIdentity: 'a', leaseDurationSeconds: 40 },
});
const ours = (kind: string, name: string): ApiObject => {
  const where = ['Checkpoint', 'Restore'].includes(kind) ? { namespace: 'default' } : {};
  return { apiVersion: 'kaito.sh/v1alpha1', kind, metadata: { name, ...where } };
};

/** An agent with the token of a pod on node-a writes what is of node-a, and nothing else. */
export function describeAgentPolicy(cluster: () => Cluster, admin: () => ApiCalls): void {
  let agent: ApiCalls | undefined;
  const says = async (kind: string, name: string, status: object): Promise<unknown> =>
    agent?.apply({ ...ours(kind, name), status }, '/status');
  const refused = (attempt: Promise<unknown> | undefined, message: string): Promise<void> =>
    assert.rejects(
      async () => attempt,
      (error: Error) => {
        assert.ok(error.message.includes('grit-agent-own-node') && error.message.includes(message), error.message);
        return true;
      },
    );

  describe('rights of agents', () => {
    before(async () => {
      for (const name of ['node-a', 'node-b']) {
        await admin().create({ apiVersion: 'v1', kind: 'Node', metadata: { name } });
      }
      agent = new ApiCalls(await cluster().kubeconfigFor(ACCOUNT, { node: 'node-a' }));
      for (const [kind, spec] of [
        ['Checkpoint', { podName: 'p' }],
        ['Restore', { checkpointName: 'c' }],
      ] as const) {
        for (const [name, node] of [
          ['for-a', 'node-a'],
          ['for-b', 'node-b'],
        ] as const) {
          const step = { name: 'checkpoint', node, token: 't', attempt: 1, orderedAt: AT };
          await admin().create({ ...ours(kind, name), spec });
          await admin().patch(ours(kind, name), { status: { phase: 'Pending', step } }, '/status');
        }
      }
      const store = ours('CheckpointStore', 'policy');
      await admin().create({ ...store, spec: { plugin: 'storage-pvc' } });
      await admin().patch(store, { status: { phase: 'Ready', nodes: [entry('node-b')] } }, '/status');
      // The API server reads a policy some time after it was made.
      await until('the policy is in force', AbortSignal.timeout(240_000), () =>
        says('Checkpoint', 'for-b', { report: REPORT }).then(
          () => false,
          (error: unknown) => String(error).includes('grit-agent-own-node'),
        ),
      );
      await admin().patch(ours('Checkpoint', 'for-b'), { status: { report: null } }, '/status');
    });
    after(() => agent?.close());

    it('reports on orders to its node', async () => {
      await says('Checkpoint', 'for-a', { report: REPORT });
      await says('Restore', 'for-a', { report: REPORT });
      await says('Restore', 'for-a', { report: { ...REPORT, phase: 'Succeeded' } });
    });

    it('does not report on orders to another node', async () => {
      const message = 'status.step of this object is not an order to node node-a';
      await refused(says('Checkpoint', 'for-b', { report: REPORT }), message);
      await refused(says('Restore', 'for-b', { report: REPORT }), message);
    });

    it('changes nothing else in a status, nor gives itself orders', async () => {
      const message = 'the agent of node node-a may write only status.report';
      await refused(says('Checkpoint', 'for-a', { phase: 'Checkpointed' }), message);
      await refused(says('Checkpoint', 'for-a', { step: { name: 'abort' } }), message);
      await refused(says('Restore', 'for-a', { report: REPORT, targetPod: 'mine' }), message);
      await refused(agent?.patch(ours('Restore', 'for-a'), { status: { step: null } }, '/status'), message);
      await refused(says('Restore', 'for-b', { step: { node: 'node-a' } }), 'is not an order to node node-a');
    });

    it('publishes its own GritNode and Lease, and no other', async () => {
      await agent?.apply(ours('GritNode', 'node-a'));
      await says('GritNode', 'node-a', { agentVersion: '1' });
      await agent?.apply(lease('node-a'));
      await agent?.apply(lease('node-a'));
      await refused(agent?.apply(ours('GritNode', 'node-b')), 'may write only the GritNode of that name');
      await refused(agent?.apply(lease('node-b')), 'may write only the Lease grit-node-node-a');
    });

    it('writes its own entry in a store, and no other', async () => {
      const message = 'may write only the entry of that name in status.nodes';
      const store = ours('CheckpointStore', 'policy');
      await says('CheckpointStore', 'policy', { nodes: [entry('node-a')] });
      await refused(says('CheckpointStore', 'policy', { nodes: [entry('node-b', false)] }), message);
      await refused(says('CheckpointStore', 'policy', { phase: 'NotReady' }), message);
      await refused(agent?.patch(store, { status: { nodes: [entry('node-a')] } }, '/status'), message);
      const { status } = (await admin().get(store)) as { readonly status: object };
      assert.deepEqual(status, { phase: 'Ready', nodes: [entry('node-b'), entry('node-a')] });
    });

    it('does not touch a spec, and makes no objects', async () => {
      const may = /User "system:serviceaccount:grit-system:grit-agent" cannot/;
      const attempts = [
        () => agent?.patch(ours('Checkpoint', 'for-a'), { spec: { ttl: '1h' } }),
        () => agent?.patch(ours('CheckpointStore', 'policy'), { spec: { config: { path: '/' } } }),
        () => agent?.create({ ...ours('Checkpoint', 'mine'), spec: { podName: 'p' } }),
        () => agent?.create({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p', namespace: 'default' } }),
        () => agent?.get({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 's', namespace: 'grit-system' } }),
      ];
      for (const attempt of attempts) await assert.rejects(async () => attempt(), may);
    });
  });
}
