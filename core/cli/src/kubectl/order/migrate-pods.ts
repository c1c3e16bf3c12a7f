// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import { MIGRATIONS, type Migration, type MigrationSpec } from '@grit/plugin-kubernetes';
import type { Invocation } from '../../arguments/invocation.js';
import { usageError } from '../../arguments/usage-error.js';
import { printDocument } from '../../output/print-document.js';
import { patient, withCluster, type Cluster } from '../cluster/open-cluster.js';
import type { KubeContext } from '../kube-context.js';
import { exitOf } from '../watch/exit-of.js';
import { nextOf, reportMany } from '../watch/report-many.js';
import { reportRow } from '../watch/report-rows.js';
import { waitForRows } from '../watch/wait-for-rows.js';
import { insistOnStorage, lookAtStorage, storageSpec, wantedStorage } from './choose-storage.js';
import { findPod } from './find-pod.js';
import { goOnOrCount, goOnOrMake, type Placed } from './go-on-or-make.js';
import { insistOnMovable } from './insist-on-movable.js';
import { moveNameOf, selectorMoveBase } from './move-name.js';
import { parseSelector } from './parse-selector.js';
import { parseCount, parseWhen } from './parse-when.js';
import { readWait } from './read-wait.js';
import { rowsOfMove } from './rows-of-move.js';
import { sayPlaced } from './say-placed.js';
import { wantedMove } from './wanted-move.js';

const COMMAND = 'migrate';

/** `kubectl grit migrate POD` and `kubectl grit migrate -l SELECTOR`. */
export async function migratePods(invocation: Invocation, context: KubeContext): Promise<number> {
  const [podName] = invocation.positionals;
  const selector = invocation.text('selector');
  if ((podName === undefined) === (selector === undefined)) {
    throw usageError('kubectl grit migrate needs either POD or -l SELECTOR', COMMAND, 'kubectl grit');
  }
  const storage = wantedStorage(invocation, COMMAND);
  const { wait, timeoutMs } = readWait(invocation, COMMAND);
  const shared = { ...specOf(invocation), ...storageSpec(storage) };
  return await withCluster(context, async (cluster) => {
    const { client, namespace } = cluster;
    const place = async (): Promise<Placed<Migration>> => {
      if (podName !== undefined) {
        const pod = await findPod(client, namespace, podName, patient());
        insistOnMovable(pod);
        insistOnStorage(await lookAtStorage(client, storage, [namespace], patient()), namespace);
        const wanted = wantedMove(namespace, { ...shared, podName: pod.metadata.name });
        return await goOnOrMake(client, MIGRATIONS, invocation.text('name') ?? moveNameOf(pod), wanted, patient());
      }
      insistOnStorage(await lookAtStorage(client, storage, [namespace], patient()), namespace);
      const wanted = wantedMove(namespace, { ...shared, selector: parseSelector(selector ?? '') });
      const name = invocation.text('name');
      if (name !== undefined) return await goOnOrMake(client, MIGRATIONS, name, wanted, patient());
      const base = selectorMoveBase(createHash('sha256').update(JSON.stringify(wanted.spec)).digest('hex'));
      return await goOnOrCount(client, MIGRATIONS, base, wanted, patient());
    };
    const placed = await place();
    const look = `kubectl grit status migration/${placed.object.metadata.name} -n ${namespace}`;
    if (!wait) {
      if (!printDocument(context.terminal, context.format, placed.object)) sayPlaced(context.terminal, placed, look);
      return 0;
    }
    return await waitForMove(context, cluster, placed, timeoutMs, look);
  });
}

async function waitForMove(
  context: KubeContext,
  cluster: Cluster,
  placed: Placed<Migration>,
  timeoutMs: number | undefined,
  look: string,
): Promise<number> {
  const { client, namespace } = cluster;
  const rows = await waitForRows(context, cluster, {
    namespace,
    rowsOf: (scene) => rowsOfMove(placed.object, scene),
    timeoutMs,
    lookLater: look,
  });
  const { name } = placed.object.metadata;
  const last = await client.find(MIGRATIONS, { namespace, name }, patient());
  const document = last ?? placed.object;
  const [first] = rows;
  if (printDocument(context.terminal, context.format, document)) return exitOf(rows.map(({ outcome }) => outcome));
  if (placed.object.spec.selector === undefined && first !== undefined) reportRow(first, context.terminal);
  else {
    reportMany(rows, context.terminal);
    const next = nextOf(rows);
    if (next !== undefined) context.terminal.out(`\nnext: ${next}\n`);
  }
  return exitOf(rows.map(({ outcome }) => outcome));
}

function specOf(invocation: Invocation): MigrationSpec {
  const [to, deadline, fallback, parallel] = ['to', 'deadline', 'fallback', 'parallel'].map((name) =>
    invocation.text(name),
  );
  return {
    ...(to === undefined ? {} : { nodeName: to }),
    ...(deadline === undefined ? {} : { deadline: parseWhen(deadline, '--deadline', COMMAND, new Date()) }),
    ...(fallback === 'fresh' ? { fallback } : {}),
    ...(parallel === undefined ? {} : { parallelism: parseCount(parallel, '--parallel', COMMAND) }),
  };
}
