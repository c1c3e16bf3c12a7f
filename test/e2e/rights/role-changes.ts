// SPDX-License-Identifier: Apache-2.0
import type { Cluster } from '../../cluster/index.js';

/** A verb on a resource that a role grants. */
export interface Granted {
  readonly role: 'clusterrole' | 'role';
  readonly resource: string;
  readonly verb: string;
}

interface Role {
  readonly rules: readonly { readonly resources: readonly string[]; readonly verbs: readonly string[] }[];
}

/** Takes a right from the controller; the returned function gives it back. Throws where there is no such right. */
export async function takeAway(cluster: Cluster, { role, resource, verb }: Granted): Promise<() => Promise<void>> {
  const where = role === 'role' ? ['--namespace', 'grit-system'] : [];
  const { rules } = JSON.parse(await cluster.kubectl('get', role, 'grit-controller', '-o', 'json', ...where)) as Role;
  const left = rules.map((rule) =>
    rule.resources.includes(resource) ? { ...rule, verbs: rule.verbs.filter((one) => one !== verb) } : rule,
  );
  if (JSON.stringify(left) === JSON.stringify(rules)) throw new Error(`nobody may ${verb} ${resource}`);
  const put = async (wanted: Role['rules']): Promise<void> => {
    // A rule without verbs is refused.
    const body = JSON.stringify({ rules: wanted.filter(({ verbs }) => verbs.length > 0) });
    await cluster.kubectl('patch', role, 'grit-controller', '--type=merge', '-p', body, ...where);
  };
  await put(left);
  return () => put(rules);
}
