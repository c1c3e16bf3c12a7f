// SPDX-License-Identifier: Apache-2.0
// docs/reference/kubernetes-api.md from the schemas of the API group and the lists of rights.
import { objectSchema } from '../../plugins/kubernetes/src/crd/resource-definition.ts';
import { RESOURCE_DEFINITIONS } from '../../plugins/kubernetes/src/crd/resource-definitions.ts';
import { AGENT_RIGHTS } from '../../plugins/kubernetes/src/rbac/agent-rights.ts';
import { CONTROLLER_RIGHTS } from '../../plugins/kubernetes/src/rbac/controller-rights.ts';
import { writeGenerated } from '../process/write-generated.mjs';

const INTRODUCTION = `
# Resources of Kubernetes

API group \`kaito.sh/v1alpha1\`. \`kubectl explain checkpoint.spec\` tells the same in a terminal, \`kubectl get grit\` lists the objects of all kinds in a namespace.
Unknown fields are refused by \`kubectl\`, and dropped where a client does not ask for that. How the resources are used: [the guide](../guides/kubernetes.md).
`;

const FIELDS = ['Field', 'Type', 'Default', 'Meaning'];

const kinds = RESOURCE_DEFINITIONS.map((definition) => {
  const { type, shortNames, columns, rules } = definition;
  const { properties, description } = objectSchema(definition);
  const scope = type.namespaced ? 'in a namespace' : 'for the whole cluster';
  const shown = columns.map(({ name, wide }) => (wide === true ? `${name} (wide)` : name)).join(', ');
  return [
    `## ${type.kind}`,
    `${description}`,
    `${type.plural}.kaito.sh, short \`${shortNames.join('`, `')}\`, ${scope}. Columns of \`kubectl get\`: ${shown}.`,
    ...table('### spec', FIELDS, fields(properties.spec, 'spec')),
    ...(rules.length === 0
      ? []
      : [
          'What the API server refuses:',
          rules.map(({ fieldPath, message }) => `- \`spec${fieldPath}\` ${message}`).join('\n'),
        ]),
    ...table('### status', FIELDS, fields(properties.status, 'status')),
  ].join('\n\n');
});

const RIGHTS = `
## Rights

What our components may do (\`deploy/kubernetes/rbac\`), and why.

### ServiceAccount grit-controller

${rightsTable(CONTROLLER_RIGHTS)}

### ServiceAccount grit-agent

${rightsTable(AGENT_RIGHTS)}

An agent whose token is bound to its node, as the token of every pod is from Kubernetes 1.32 on, is held to what is of that node by the policy \`grit-agent-own-node\`: its GritNode and its Lease,
its entry in the status of a CheckpointStore, and \`status.report\` of objects whose \`status.step\` is an order to that node.

### People

Whoever has the role \`view\`, \`edit\` or \`admin\` of Kubernetes in a namespace may read, or read and write, Checkpoints, Restores and Migrations there. CheckpointStores say where privileged
agents write to, so only administrators of the cluster may make them. Nobody but GRIT has to write a status.
`;

await writeGenerated(
  'docs/reference/kubernetes-api.md',
  'scripts/generate/kubernetes-reference.mjs',
  `${INTRODUCTION}\n${kinds.join('\n\n')}\n${RIGHTS}`,
);

/** Rows of a schema and of all that is below it. */
function fields(schema, path) {
  return Object.entries(schema.properties ?? {}).flatMap(([key, child]) => {
    const here = `${path}.${key}`;
    const required = schema.required?.includes(key) === true;
    const row = [`\`${here}\``, typeOf(child), defaultOf(child, required), child.description ?? ''];
    return [row, ...fields(child, here), ...fields(child.items ?? {}, `${here}[]`)];
  });
}

function typeOf({ type, format, items, additionalProperties, enum: values, ...rest }) {
  if (values !== undefined) return values.map((value) => `\`${value}\``).join(', ');
  if (type === 'array') return `list of ${typeOf(items)}`;
  if (format === 'date-time') return 'time';
  if (additionalProperties !== undefined) return `map to ${typeOf(additionalProperties)}`;
  return rest['x-kubernetes-preserve-unknown-fields'] === true ? 'any object' : type;
}

function defaultOf(schema, required) {
  if (schema.default !== undefined) return `\`${schema.default}\``;
  return required ? '(required)' : '';
}

function rightsTable(rights) {
  const rows = rights.map(({ group, resource, verbs, names, where, why }) => [
    `\`${group === '' ? resource : `${resource}.${group}`}\`${names === undefined ? '' : ` ${names.join(', ')}`}`,
    verbs.join(', '),
    where === 'cluster' ? 'everywhere' : 'grit-system',
    why,
  ]);
  return table('', ['Resource', 'Verbs', 'Where', 'Why'], rows).join('\n\n');
}

function table(title, head, rows) {
  if (rows.length === 0) return [];
  const lines = [head, head.map(() => '---'), ...rows].map((row) => `| ${row.map(cell).join(' | ')} |`);
  return [...(title === '' ? [] : [title]), lines.join('\n')];
}

function cell(text) {
  return text.replaceAll('|', '\\|');
}
