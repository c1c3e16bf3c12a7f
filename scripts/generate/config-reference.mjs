// SPDX-License-Identifier: Apache-2.0
// docs/reference/config.md from the schema that grit.yaml is checked with.
import { GRIT_SCHEMA } from '../../core/engine/src/config/schema/grit-schema.ts';
import { writeGenerated } from '../process/write-generated.mjs';

const INTRODUCTION = `
# grit.yaml

\`grit\` reads the file of \`--config\`, else of \`$GRIT_CONFIG\` (several, divided by \`:\`), else \`./grit.yaml\`. Without any of them the defaults of this page
are the configuration. \`grit config check\` tests a file and all plugins that it names without starting anything; \`grit config show\` prints what is in force.

\`\`\`yaml
plugins:
  store: { config: { path: /mnt/checkpoints } }
  filedrop:
    use: grit-plugin-filedrop
    config: { directory: ./requests, tokenFrom: { file: /run/secrets/token } }
    onBootFailure: continue
defaults: { afterCheckpoint: resume }
\`\`\`

## How it is read

- **Strict.** Unknown keys, wrong types, duplicate keys and unknown tags are errors. All of them are told at once, each with \`file:line:column\`.
- **Laid over the defaults.** Objects are merged, everything else is replaced. \`null\` takes away what is there (\`plugins: { runtime-criu: null }\`).
  A plugin whose \`use\` changes is replaced as a whole.
- **Overlays.** Every further \`--config\` is laid over the one before it. A bare name \`dev\` is \`grit.dev.yaml\` beside \`grit.yaml\`.
- **Variables.** \`\${NAME}\` in a value is the environment variable, \`\${NAME:-text}\` has a default, \`$\${\` is a literal \`\${\`. Unquoted, a number or
  boolean from a variable is one; quoted, it is text.
- **Paths.** A value that begins with \`./\` or \`../\` is relative to the folder of its file, \`~/\` is the home directory.
- **Secrets.** A key \`x\` can be given as \`xFrom: { file: PATH }\` or \`xFrom: { env: NAME }\`, in the configuration of plugins too. Secrets appear neither in
  \`grit config show\` nor in logs, reports and errors.
- **Bounds.** A file has at most 256 KiB, a secret 64 KiB, at most 100 aliases are followed.

## Keys
`;

const rows = [['Key', 'Type', 'Default', 'Meaning'], ['---', '---', '---', '---'], ...rowsOf(GRIT_SCHEMA, '')];

await writeGenerated(
  'docs/reference/config.md',
  'scripts/generate/config-reference.mjs',
  `${INTRODUCTION}\n${rows.map((row) => `| ${row.map(cell).join(' | ')} |`).join('\n')}\n`,
);

function rowsOf(node, path) {
  if (node.type === 'choice') return rowsOf(node.object, path);
  if (node.type === 'map') return rowsOf({ ...node.values, type: 'object' }, `${path}.NAME`);
  if (node.type !== 'object') return [];
  return Object.entries(node.keys).flatMap(([key, child]) => {
    const here = path === '' ? key : `${path}.${key}`;
    const row = [`\`${here}\``, typeOf(child, key), defaultOf(child), child.description];
    return key.endsWith('From') ? [row] : [row, ...rowsOf(child, here)];
  });
}

function typeOf(node, key) {
  if (key.endsWith('From')) return 'secret';
  if (node.oneOf !== undefined) return node.oneOf.map((value) => `\`${value}\``).join(', ');
  if (node.type === 'choice') return `\`${node.text}\` or object`;
  return { map: 'objects by name', free: 'object' }[node.type] ?? node.type;
}

function defaultOf(node) {
  if (node.default !== undefined) return `\`${node.default}\``;
  if (node.type === 'choice') return `\`${node.text}\``;
  return node.optional === true || ['object', 'map', 'free'].includes(node.type) ? '' : requiredOf(node);
}

/** Some have a default that is made at run time and told in words. */
function requiredOf(node) {
  return node.description.includes('Default:') ? '' : '(required)';
}

function cell(text) {
  return text.replaceAll('|', '\\|');
}
