// SPDX-License-Identifier: Apache-2.0
import { ExitWith } from '../../exit-codes.js';
import type { Invocation } from '../../arguments/invocation.js';
import { usageError } from '../../arguments/usage-error.js';
import { isForPrograms, printDocument } from '../../output/print-document.js';
import { formatTable } from '../../output/table.js';
import { patient, withCluster } from '../cluster/open-cluster.js';
import type { KubeContext } from '../kube-context.js';
import { statusColumns } from '../watch/format-row.js';
import type { Row } from '../watch/row.js';
import { waitForRows } from '../watch/wait-for-rows.js';
import { lookAtScene } from './look-at-scene.js';
import { parseTarget } from './parse-target.js';
import { rowsOfScene } from './rows-of-scene.js';
import { showNode } from './show-node.js';
import { showObject } from './show-object.js';
import { showPod } from './show-pod.js';

/** `kubectl grit status`. */
export async function showStatus(invocation: Invocation, context: KubeContext): Promise<number> {
  const [word] = invocation.positionals;
  const watch = invocation.has('watch');
  if (watch && isForPrograms(context.format)) {
    throw usageError('--watch draws for people; programs watch with kubectl', 'status', 'kubectl grit');
  }
  if (watch && word !== undefined)
    throw usageError('--watch is of all that goes on; leave the name out', 'status', 'kubectl grit');
  const target = word === undefined ? undefined : parseTarget(word);
  return await withCluster(context, async (cluster) => {
    const namespace = invocation.has('all-namespaces') ? undefined : cluster.namespace;
    if (target?.kind === 'node') return await showNode(context, cluster, target.name);
    if (target?.kind === 'pod') return await showPod(context, cluster, target.name);
    if (target !== undefined) return await showObject(context, cluster, target.kind, target.name);
    const all = invocation.has('all');
    if (watch) return await follow(context, cluster, namespace);
    const rows = rowsOfScene(await lookAtScene(cluster.client, namespace, patient()), all);
    printRows(context, rows, namespace);
    return 0;
  });
}

/** The table of rows. */
function printRows({ terminal, format }: KubeContext, rows: readonly Row[], namespace: string | undefined): void {
  if (printDocument(terminal, format, rows)) return;
  if (rows.length === 0) {
    const where = namespace === undefined ? 'in the cluster' : `in namespace ${namespace}`;
    terminal.error(
      `Nothing is going on ${where}. --all shows what has ended${namespace === undefined ? '' : ', -A all namespaces'}.\n`,
    );
    return;
  }
  const wide = format === 'wide';
  const columns = statusColumns(Date.now(), namespace === undefined).filter((column) => wide || column.wide !== true);
  const empty = columns.filter(({ value }) => rows.some((row) => value(row) !== ''));
  terminal.out(formatTable(rows, empty, wide ? Infinity : terminal.columns));
}

/** Never ends by itself: what begins later is shown, too. */
async function follow(
  context: KubeContext,
  cluster: Parameters<typeof waitForRows>[1],
  namespace: string | undefined,
): Promise<number> {
  const began = Date.now();
  context.terminal.error('Watching; Ctrl-C ends it.\n');
  try {
    await waitForRows(context, cluster, {
      namespace,
      rowsOf: (scene) =>
        rowsOfScene(scene, true).filter(({ outcome, finishedAt }) => {
          return outcome === undefined || (finishedAt !== undefined && finishedAt >= began);
        }),
      timeoutMs: undefined,
      lookLater: 'kubectl grit status',
      endless: true,
    });
  } catch (error) {
    if (error instanceof ExitWith) return 0;
    throw error;
  }
  return 0;
}
