// SPDX-License-Identifier: Apache-2.0
// docs/reference/errors.md from the catalogue of errors.
import { ERRORS } from '../../core/plugin-api/src/errors/catalogue.ts';
import { ERROR_OUTCOMES } from '../../core/plugin-api/src/errors/outcome.ts';
import { writeGenerated } from '../process/write-generated.mjs';

const INTRODUCTION = `
# Errors

Every error has a code that never changes its meaning, a message with the facts of the case, a hint, and a kind. The kind decides what each world is told:
the exit code of \`grit\`, the status of HTTP and gRPC, the reason of the condition in a custom resource, and whether the queue delivers the job again.
Exit code 0 is success; \`grit run\` gives the exit code of the command itself.
`;

const KINDS = [
  ['Kind', 'Exit', 'HTTP', 'gRPC', 'Condition', 'Delivered again'],
  ['---', '---', '---', '---', '---', '---'],
  ...Object.entries(ERROR_OUTCOMES).map(([kind, { exit, http, grpc, condition, retry }]) => [
    `\`${kind}\``,
    exit,
    http,
    grpc,
    `\`${condition}\``,
    retry === 'never' ? 'no' : 'with growing pauses',
  ]),
];

// The heading is the code alone, so that its anchor is the code in lower case: what `GritError.docs` points at.
const codes = Object.entries(ERRORS).map(([code, { kind, summary, hint }]) => {
  const { exit, http, retry } = ERROR_OUTCOMES[kind];
  const again = retry === 'never' ? '' : ', delivered again';
  return `### ${code}\n\n${summary} **What to do:** ${hint}\n\n\`${kind}\`: exit ${exit}, HTTP ${http}${again}.\n`;
});

await writeGenerated(
  'docs/reference/errors.md',
  'scripts/generate/error-reference.mjs',
  `${INTRODUCTION}\n## Kinds\n\n${KINDS.map((row) => `| ${row.join(' | ')} |`).join('\n')}\n\n## Codes\n\n${codes.join('\n')}`,
);
