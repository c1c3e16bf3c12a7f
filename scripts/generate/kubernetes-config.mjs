// SPDX-License-Identifier: Apache-2.0
// docs/reference/kubernetes-config.md from the schema of the plugin's configuration.
import { kubernetesConfigSchema } from '../../plugins/kubernetes/src/config-schema.ts';
import { writeGenerated } from '../process/write-generated.mjs';

const INTRODUCTION = `
# Configuration of @grit/plugin-kubernetes

In \`grit.yaml\`, below the name that you give the plugin:

\`\`\`yaml
plugins:
  kubernetes:
    use: '@grit/plugin-kubernetes'
    config:
      namespace: grit-system
\`\`\`

Everything has a default. Unknown keys are refused with those that are known.
`;

const rows = [
  ['Key', 'Type', 'Default', 'Meaning'],
  ['---', '---', '---', '---'],
  ...rowsOf(kubernetesConfigSchema.toJSONSchema({ io: 'input' }), ''),
];

await writeGenerated(
  'docs/reference/kubernetes-config.md',
  'scripts/generate/kubernetes-config.mjs',
  `${INTRODUCTION}\n${rows.map((row) => `| ${row.map(cell).join(' | ')} |`).join('\n')}\n`,
);

function rowsOf({ properties = {} }, path) {
  return Object.entries(properties).flatMap(([key, child]) => {
    const here = path === '' ? key : `${path}.${key}`;
    return [[`\`${here}\``, typeOf(child), defaultOf(child), child.description ?? ''], ...rowsOf(child, here)];
  });
}

function typeOf({ type, items, enum: values, additionalProperties }) {
  if (values !== undefined) return values.map((value) => `\`${value}\``).join(', ');
  if (typeof additionalProperties === 'object') return `map to ${typeOf(additionalProperties)}`;
  return type === 'array' ? `list of ${typeOf(items)}` : type;
}

/** Of an object, the defaults of its keys say it. */
function defaultOf({ type, default: value }) {
  return value === undefined || type === 'object' ? '' : `\`${Array.isArray(value) ? '[]' : value}\``;
}

function cell(text) {
  return text.replaceAll('|', '\\|');
}
