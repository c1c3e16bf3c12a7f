// SPDX-License-Identifier: Apache-2.0
// deploy/kubernetes/rbac from the lists of rights, and the same for the chart.
import { agentPolicy } from '../../plugins/kubernetes/src/rbac/agent-policy.ts';
import { AGENT_RIGHTS } from '../../plugins/kubernetes/src/rbac/agent-rights.ts';
import { CONTROLLER_RIGHTS } from '../../plugins/kubernetes/src/rbac/controller-rights.ts';
import { accountWith, namespace, userRoles } from '../../plugins/kubernetes/src/rbac/roles.ts';
import { toYaml } from '../process/to-yaml.mjs';
import { writeGenerated } from '../process/write-generated.mjs';

// Numbered: applied in this order, each finds what it needs.
const FILES = {
  '00-namespace': [namespace()],
  '10-controller': accountWith('grit-controller', CONTROLLER_RIGHTS),
  '20-agent': accountWith('grit-agent', AGENT_RIGHTS),
  '30-agent-policy': agentPolicy(),
  '40-users': userRoles(),
};

for (const [name, manifests] of Object.entries(FILES)) {
  // The namespace of a release is made by Helm, and may have another name.
  const folders = ['deploy/kubernetes/rbac', ...(name === '00-namespace' ? [] : ['deploy/helm/grit/files/rbac'])];
  for (const folder of folders) {
    await writeGenerated(
      `${folder}/${name}.yaml`,
      'scripts/generate/kubernetes-rbac.mjs',
      manifests.map(withReasons).join('---\n'),
    );
  }
}

/** The reason of each rule stands above it as a comment. */
function withReasons({ rules, ...manifest }) {
  if (rules === undefined) return toYaml(manifest);
  const list = rules.map(({ why, ...rule }) => {
    const text = toYaml([rule]).replaceAll(/^/gm, '  ').trimEnd();
    return why === undefined ? text : `  # ${why}\n${text}`;
  });
  return `${toYaml(manifest)}rules:\n${list.join('\n')}\n`;
}
