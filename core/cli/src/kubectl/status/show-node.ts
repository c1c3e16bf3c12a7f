// SPDX-License-Identifier: Apache-2.0
import { GritError } from '@grit/plugin-api';
import { GRIT_NODES, NODES } from '@grit/plugin-kubernetes';
import { formatFacts } from '../../output/facts.js';
import { formatBytes } from '../../output/format-bytes.js';
import { printDocument } from '../../output/print-document.js';
import { formatTable } from '../../output/table.js';
import { patient, type Cluster } from '../cluster/open-cluster.js';
import type { KubeContext } from '../kube-context.js';
import { allowed } from '../order/choose-storage.js';
import { statusColumns } from '../watch/format-row.js';
import { lookAtScene } from './look-at-scene.js';
import { rowsOfScene } from './rows-of-scene.js';

/** `kubectl grit status node/NAME`: what the agent says, and the pods that come and go. */
export async function showNode(context: KubeContext, { client }: Cluster, name: string): Promise<number> {
  const { terminal, format } = context;
  const [gritNode, node, scene] = await Promise.all([
    client.find(GRIT_NODES, { name }, patient()),
    allowed(client.find(NODES, { name }, patient())),
    lookAtScene(client, undefined, patient()),
  ]);
  if (gritNode === undefined && node === undefined) {
    const hint = '`kubectl get gritnodes` lists the nodes with an agent.';
    throw new GritError('GRIT_NODE_NOT_FOUND', `there is no node ${name}`, { hint });
  }
  const rows = rowsOfScene(scene, true).filter(({ from, to }) => from === name || to === name);
  if (printDocument(terminal, format, { name, status: gritNode?.status, rows })) return 0;
  const { phase = 'no agent', agentVersion, facts = {}, problems = [] } = gritNode?.status ?? {};
  terminal.out(
    formatFacts([
      ['node', name],
      ['agent', agentVersion === undefined ? phase : `${phase}, ${agentVersion}`],
      ['cordoned', node?.spec?.unschedulable === true ? `yes (kubectl uncordon ${name})` : undefined],
      ['arch', facts.arch],
      ['kernel', facts.kernel],
      ['containerd', facts.containerd],
      ['runc', facts.runc],
      ['criu', facts.criu],
      ['room', facts.freeBytes === undefined ? undefined : formatBytes(facts.freeBytes)],
    ]),
  );
  for (const { message, hint } of problems) terminal.out(`\nproblem: ${message}\nnext:    ${hint}\n`);
  const columns = statusColumns(Date.now(), true).filter(({ wide, value }) => {
    return wide !== true && rows.some((row) => value(row) !== '');
  });
  if (rows.length > 0) terminal.out(`\n${formatTable(rows, columns, terminal.columns)}`);
  return 0;
}
