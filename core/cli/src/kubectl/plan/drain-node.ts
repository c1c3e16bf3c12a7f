// SPDX-License-Identifier: Apache-2.0
import { GritError } from '@grit/plugin-api';
import { NODES, type MigrationSpec } from '@grit/plugin-kubernetes';
import type { Invocation } from '../../arguments/invocation.js';
import { usageError } from '../../arguments/usage-error.js';
import { isForPrograms, printDocument } from '../../output/print-document.js';
import { patient, withCluster, type Cluster } from '../cluster/open-cluster.js';
import { EXIT_NOT_MOVED } from '../exit-codes.js';
import type { KubeContext } from '../kube-context.js';
import { storageSpec, wantedStorage, type WantedStorage } from '../order/choose-storage.js';
import { parseCount, parseWhen } from '../order/parse-when.js';
import { readWait } from '../order/read-wait.js';
import { exitOf } from '../watch/exit-of.js';
import { nextOf, reportMany } from '../watch/report-many.js';
import type { Row } from '../watch/row.js';
import { waitForRows } from '../watch/wait-for-rows.js';
import { DrainOrders } from './drain-orders.js';
import { planDrain, type DrainWish, type PodPlan } from './drain-plan.js';
import { formatPlan, planDocument, sumUpPlan } from './drain-table.js';
import { gatherNode } from './gather-node.js';

const COMMAND = 'drain';

interface Wanted {
  readonly node: string;
  readonly storage: WantedStorage;
  readonly wish: DrainWish;
  readonly spec: MigrationSpec;
  readonly wait: boolean;
  readonly timeoutMs: number | undefined;
  readonly parallel: number | undefined;
}

/** `kubectl grit drain NODE`. */
export async function drainNode(invocation: Invocation, context: KubeContext): Promise<number> {
  const wanted = readWanted(invocation);
  return await withCluster(context, async (cluster) => {
    const { client } = cluster;
    const before = await gatherNode(client, wanted.node, wanted.storage, patient());
    const first = planDrain(before, wanted.wish);
    if (invocation.has('dry-run')) return printPlan(context, before.node, first, true);
    insistOnAWay(before.node, first, wanted.storage.claim !== undefined);
    await client.patch(NODES, { name: before.node }, { spec: { unschedulable: true } }, {}, patient());
    // What came in between is there, too.
    const facts = await gatherNode(client, wanted.node, wanted.storage, patient());
    const plan = planDrain(facts, wanted.wish);
    const { terminal, format } = context;
    if (!isForPrograms(format)) {
      terminal.error(`Node ${facts.node} is cordoned: no new pods come to it.\n`);
      if (plan.length > 0) terminal.out(`\n${formatPlan(plan, terminal.columns)}\n`);
    }
    return await carryOut(context, cluster, { ...wanted, node: facts.node }, plan);
  });
}

async function carryOut(
  context: KubeContext,
  cluster: Cluster,
  wanted: Wanted,
  plan: readonly PodPlan[],
): Promise<number> {
  const { node, spec, wait, timeoutMs, parallel } = wanted;
  const { terminal, format } = context;
  const orders = new DrainOrders(cluster.client, node, plan, spec, parallel);
  const left = plan.filter(({ action, counts }) => action === 'leave' && counts);
  const lookLater = `kubectl grit status node/${node}`;
  if (!wait) {
    await orders.step([], patient());
    const rows = orders.rows({ migrations: [], checkpoints: [], restores: [] });
    const refused = rows.filter(({ outcome, phase }) => outcome === 'returned' || phase === 'EvictionBlocked');
    const exit = left.length + refused.length > 0 ? EXIT_NOT_MOVED : 0;
    if (printDocument(terminal, format, { node, cordoned: true, pods: planDocument(plan) })) return exit;
    for (const { namespace, pod, note } of refused) terminal.error(`${namespace}/${pod}: not taken: ${note}\n`);
    terminal.out(`${sumUpPlan(plan)}.\n\nnext: ${lookLater}\n`);
    return exit;
  }
  const rows = await waitForRows(context, cluster, {
    namespace: undefined,
    rowsOf: (scene) => orders.rows(scene),
    step: (now, signal) => orders.step(now, signal),
    timeoutMs,
    lookLater,
    unfinished: () =>
      orders.queued === 0 ? undefined : `${orders.queued} pods were not begun; the same command goes on.`,
  });
  const exit = exitOf([...rows.map(({ outcome }) => outcome), ...(left.length > 0 ? (['returned'] as const) : [])]);
  if (printDocument(terminal, format, { node, cordoned: true, pods: planDocument(plan), outcomes: rows })) return exit;
  report(context, node, rows, left.length);
  return exit;
}

function report({ terminal }: KubeContext, node: string, rows: readonly Row[], left: number): void {
  if (rows.length > 0) {
    terminal.out('\n');
    reportMany(rows, terminal);
  }
  const remain = left + rows.filter(({ outcome }) => outcome === 'returned').length;
  const stay = `${remain} ${remain === 1 ? 'pod stays' : 'pods stay'}`;
  const state = remain === 0 ? 'empty, but for what belongs to it' : `not empty: ${stay}`;
  const next = nextOf(rows) ?? (remain === 0 ? `kubectl uncordon ${node}` : `kubectl grit drain ${node} --dry-run`);
  terminal.out(`Node ${node} is cordoned and ${state}.\n\nnext: ${next}\n`);
}

function printPlan({ terminal, format }: KubeContext, node: string, plan: readonly PodPlan[], dryRun: boolean): number {
  const stays = plan.some(({ action, counts }) => action === 'leave' && counts);
  const exit = stays ? EXIT_NOT_MOVED : 0;
  if (printDocument(terminal, format, { node, dryRun, pods: planDocument(plan) })) return exit;
  if (plan.length === 0) terminal.out(`Node ${node} has no pods.\n`);
  else terminal.out(`${formatPlan(plan, terminal.columns)}\n${sumUpPlan(plan)}. Nothing was done (--dry-run).\n`);
  return exit;
}

/** A node whose pods have nowhere to go is not cordoned for nothing. */
function insistOnAWay(node: string, plan: readonly PodPlan[], byClaim: boolean): void {
  if (plan.some(({ action }) => action !== 'leave')) return;
  const stay = plan.find(({ stay: why }) => why?.reason === 'NoStorage' || why?.reason === 'NoCompatibleNode')?.stay;
  if (stay === undefined) return;
  const code =
    stay.reason === 'NoCompatibleNode'
      ? 'GRIT_RESTORE_INCOMPATIBLE'
      : byClaim
        ? 'GRIT_CLAIM_UNUSABLE'
        : 'GRIT_STORE_UNUSABLE';
  throw new GritError(code, `no pod of node ${node} can be moved, and it was not cordoned: ${stay.message}`, {
    hint: `\`kubectl grit drain ${node} --dry-run\` says it for each pod; \`kubectl grit doctor\` looks at the cluster.`,
  });
}

function readWanted(invocation: Invocation): Wanted {
  const [parallel, deadline] = ['parallel', 'deadline'].map((name) => invocation.text(name));
  const { wait, timeoutMs } = readWait(invocation, COMMAND);
  if (parallel !== undefined && !wait) {
    throw usageError(
      '--parallel needs --wait: somebody has to order the next pod when one is done',
      COMMAND,
      'kubectl grit',
    );
  }
  const storage = wantedStorage(invocation, COMMAND);
  return {
    node: invocation.positional(0),
    storage,
    wish: {
      ignoreDaemonSets: invocation.has('ignore-daemonsets'),
      evictOthers: invocation.has('evict-others'),
      moveHostPaths: invocation.has('move-host-paths'),
    },
    spec: {
      ...storageSpec(storage),
      ...(deadline === undefined ? {} : { deadline: parseWhen(deadline, '--deadline', COMMAND, new Date()) }),
    },
    wait,
    timeoutMs,
    parallel: parallel === undefined ? undefined : parseCount(parallel, '--parallel', COMMAND),
  };
}
