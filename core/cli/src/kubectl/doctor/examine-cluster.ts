// SPDX-License-Identifier: Apache-2.0
import { ERROR_OUTCOMES } from '@grit/plugin-api';
import type { Finding } from '../../doctor/finding.js';
import { paint } from '../../output/paint.js';
import { printDocument } from '../../output/print-document.js';
import { formatTable } from '../../output/table.js';
import { wrap } from '../../output/wrap.js';
import { patient, withCluster } from '../cluster/open-cluster.js';
import type { KubeContext } from '../kube-context.js';
import { look } from './cluster-finding.js';
import { examineAdmission, examineController, examineRuntimeClass } from './examine-control.js';
import { examineNodes } from './examine-nodes.js';
import { examineResources } from './examine-resources.js';
import { examineRights } from './examine-rights.js';
import { examineStores } from './examine-stores.js';

/** `kubectl grit doctor`: looks at everything and changes nothing. Exit 14 when something is wrong. */
export async function examineCluster(context: KubeContext): Promise<number> {
  const findings = await withCluster(context, async ({ client, namespace }) => {
    const signal = patient();
    const resources = await examineResources(client, signal);
    const found: Finding[] = [...resources];
    found.push(...(await look('rights', () => examineRights(client, namespace, signal))));
    // Without resources there is nothing else to look at.
    if (resources.some(({ problem }) => problem !== undefined)) return found;
    const looks: readonly (readonly [string, () => Promise<readonly Finding[]>])[] = [
      ['controller', () => examineController(client, signal)],
      ['admission', () => examineAdmission(client, namespace, signal)],
      ['RuntimeClass', () => examineRuntimeClass(client, signal)],
      ['nodes', () => examineNodes(client, signal)],
      ['stores', () => examineStores(client, signal)],
    ];
    for (const [subject, examine] of looks) found.push(...(await look(subject, examine)));
    return found;
  });
  return report(context, findings);
}

function report({ terminal, format }: KubeContext, findings: readonly Finding[]): number {
  const problems = findings.filter(({ problem }) => problem !== undefined);
  const exit = problems.length === 0 ? 0 : ERROR_OUTCOMES.unsupported.exit;
  if (printDocument(terminal, format, { healthy: problems.length === 0, findings })) return exit;
  terminal.out(
    formatTable(
      findings,
      [
        { title: 'WHAT', value: ({ subject }) => subject },
        { title: 'OK', value: ({ problem }) => (problem === undefined ? 'yes' : 'NO') },
        { title: 'FOUND', value: ({ found }) => found, shrinks: true },
      ],
      terminal.columns,
    ),
  );
  for (const { subject, problem = '', hint = '' } of problems) {
    const label = paint('problem:', 'red', terminal.colors);
    terminal.out(`\n${label} ${wrap(`${subject}: ${problem}`, terminal.columns - 9, '         ')}\n`);
    terminal.out(`next:    ${wrap(hint, terminal.columns - 9, '         ')}\n`);
  }
  terminal.out(problems.length === 0 ? '\nNothing is wrong.\n' : '');
  return exit;
}
