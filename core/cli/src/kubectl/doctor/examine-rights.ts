// SPDX-License-Identifier: Apache-2.0
import type { KubeClient, KubeObject, ResourceType } from '@grit/plugin-kubernetes';
import type { Finding } from '../../doctor/finding.js';

interface Review extends KubeObject {
  readonly spec: { readonly resourceAttributes: Attributes };
  readonly status?: { readonly allowed?: boolean };
}

interface Attributes {
  readonly group: string;
  readonly resource: string;
  readonly subresource?: string;
  readonly verb: string;
  readonly namespace?: string;
}

const REVIEWS: ResourceType<Review> = {
  apiVersion: 'authorization.k8s.io/v1',
  kind: 'SelfSubjectAccessReview',
  plural: 'selfsubjectaccessreviews',
  namespaced: false,
};

const OURS = 'kaito.sh';
/** What commands need in the namespace. */
const MOVE: readonly Attributes[] = [
  { group: '', resource: 'pods', verb: 'get' },
  ...['create', 'list', 'watch', 'patch', 'delete'].flatMap((verb) =>
    ['checkpoints', 'migrations'].map((resource) => ({ group: OURS, resource, verb })),
  ),
  ...['list', 'watch'].map((verb) => ({ group: OURS, resource: 'restores', verb })),
];
/** What `drain` needs everywhere, beside that. */
const DRAIN: readonly Attributes[] = [
  ...['get', 'list', 'patch'].map((verb) => ({ group: '', resource: 'nodes', verb })),
  { group: '', resource: 'pods', verb: 'list' },
  { group: OURS, resource: 'gritnodes', verb: 'list' },
  ...['create', 'list', 'watch'].map((verb) => ({ group: OURS, resource: 'migrations', verb })),
];

/** What the user may do, as the API server itself says. */
export async function examineRights(
  client: KubeClient,
  namespace: string,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const [here, everywhere] = await Promise.all([
    missing(
      client,
      MOVE.map((each) => ({ ...each, namespace })),
      signal,
    ),
    missing(client, DRAIN, signal),
  ]);
  const subject = `rights in ${namespace}`;
  const move: Finding =
    here.length === 0
      ? { subject, found: 'checkpoint, migrate, resume, status' }
      : {
          subject,
          found: `${MOVE.length - here.length} of ${MOVE.length}`,
          problem: `you may not ${describe(here)}`,
          hint: `kubectl create rolebinding grit-edit -n ${namespace} --clusterrole=edit --user=NAME (by an administrator; deploy/kubernetes/rbac adds ours to the role)`,
        };
  // Most people drain no nodes.
  const drain = everywhere.length === 0 ? 'drain' : `no drain: you may not ${describe(everywhere)}`;
  return [move, { subject: 'rights to nodes', found: drain }];
}

async function missing(
  client: KubeClient,
  wanted: readonly Attributes[],
  signal: AbortSignal,
): Promise<readonly Attributes[]> {
  const answers = await Promise.all(
    wanted.map(async (resourceAttributes) => {
      const review: Review = { metadata: { name: '' }, spec: { resourceAttributes } };
      return (await client.create(REVIEWS, review, {}, signal)).status?.allowed === true;
    }),
  );
  return wanted.filter((_, index) => answers[index] !== true);
}

/** `create, list checkpoints; get pods`. */
function describe(missed: readonly Attributes[]): string {
  const byResource = new Map<string, string[]>();
  for (const { resource, verb } of missed) byResource.set(resource, [...(byResource.get(resource) ?? []), verb]);
  return [...byResource].map(([resource, verbs]) => `${verbs.join(', ')} ${resource}`).join('; ');
}
