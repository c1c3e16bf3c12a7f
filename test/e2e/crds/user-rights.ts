// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { until } from '../../cluster/until.js';
import type { ApiCalls } from './api-calls.js';

const NAMESPACE = 'people';

/** Verb, resource, and who may. */
const EXPECTED = [
  ['get', 'checkpoints', ['viewer', 'editor', 'administrator']],
  ['list', 'migrations', ['viewer', 'editor', 'administrator']],
  ['create', 'checkpoints', ['editor', 'administrator']],
  ['delete', 'migrations', ['editor', 'administrator']],
  ['patch', 'restores', ['editor', 'administrator']],
  ['patch', 'checkpoints/status', []],
  ['update', 'restores/status', []],
  ['create', 'checkpointstores', []],
  ['patch', 'gritnodes', []],
] as const;

/** The roles of Kubernetes for people have ours in them. */
export function describeUserRights(admin: () => ApiCalls): void {
  const can = async (user: string, verb: string, name: string): Promise<boolean> => {
    const [resource, subresource] = name.split('/');
    const resourceAttributes = { namespace: NAMESPACE, verb, group: 'kaito.sh', resource, subresource };
    const review = { apiVersion: 'authorization.k8s.io/v1', kind: 'SubjectAccessReview', metadata: {} };
    const answer = await admin().create({ ...review, spec: { user, resourceAttributes } });
    return (answer as { readonly status: { readonly allowed: boolean } }).status.allowed;
  };

  describe('rights of people', () => {
    before(async () => {
      const rbac = { apiGroup: 'rbac.authorization.k8s.io' };
      await admin().create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } });
      for (const [user, role] of Object.entries({ viewer: 'view', editor: 'edit', administrator: 'admin' })) {
        await admin().create({
          apiVersion: `${rbac.apiGroup}/v1`,
          kind: 'RoleBinding',
          metadata: { name: user, namespace: NAMESPACE },
          roleRef: { ...rbac, kind: 'ClusterRole', name: role },
          subjects: [{ ...rbac, kind: 'User', name: user }],
        });
        // A controller puts the parts of such a role together, and the bindings reach the authorizer by a watch.
        const [verb, resource] = user === 'viewer' ? ['get', 'checkpoints'] : ['create', 'migrations'];
        await until(`the role ${role} has its parts`, AbortSignal.timeout(240_000), () => can(user, verb, resource));
      }
    });

    for (const [verb, resource, allowed] of EXPECTED) {
      it(`${verb} ${resource}: ${allowed.length === 0 ? 'nobody' : allowed.join(', ')}`, async () => {
        const may = [];
        for (const user of ['viewer', 'editor', 'administrator']) if (await can(user, verb, resource)) may.push(user);
        assert.deepEqual(may, [...allowed]);
      });
    }
  });
}
