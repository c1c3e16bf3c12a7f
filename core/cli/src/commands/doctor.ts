// SPDX-License-Identifier: Apache-2.0
import { ERROR_OUTCOMES } from '@grit/plugin-api';
import type { CommandSpec } from '../arguments/command-spec.js';
import { examineMachine } from '../doctor/examine-machine.js';
import { examineServer } from '../doctor/examine-server.js';
import type { Finding } from '../doctor/finding.js';
import { paint } from '../output/paint.js';
import { printDocument } from '../output/print-document.js';
import { formatTable } from '../output/table.js';

/** `grit doctor`. */
export const command: CommandSpec = {
  name: 'doctor',
  summary: 'look for what is missing on this machine and what is wrong with the platform; start nothing',
  arguments: [],
  options: [],
  examples: ['grit doctor', 'grit doctor -o json'],
  async run(_invocation, context) {
    const findings = [...(await examineMachine(context)), ...(await examineServer(context))];
    const problems = findings.filter(({ problem }) => problem !== undefined);
    const exit = problems.length === 0 ? 0 : ERROR_OUTCOMES.unsupported.exit;
    if (printDocument(context.terminal, context.format, { healthy: problems.length === 0, findings })) return exit;
    context.terminal.out(format(findings, context.terminal.columns));
    for (const { subject, problem, hint } of problems) {
      const label = paint('problem:', 'red', context.terminal.colors);
      context.terminal.out(`\n${label} ${subject}: ${problem ?? ''}\nnext:    ${hint ?? ''}\n`);
    }
    context.terminal.out(problems.length === 0 ? '\nNothing is wrong.\n' : '');
    return exit;
  },
};

function format(findings: readonly Finding[], width: number): string {
  return formatTable(
    findings,
    [
      { title: 'WHAT', value: ({ subject }) => subject },
      { title: 'OK', value: ({ problem }) => (problem === undefined ? 'yes' : 'NO') },
      { title: 'FOUND', value: ({ found }) => found, shrinks: true },
    ],
    width,
  );
}
