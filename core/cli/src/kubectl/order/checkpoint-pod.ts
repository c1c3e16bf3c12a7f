// SPDX-License-Identifier: Apache-2.0
import { GritError } from '@grit/plugin-api';
import { CHECKPOINTS, type Checkpoint, type CheckpointSpec, type Pod } from '@grit/plugin-kubernetes';
import type { Invocation } from '../../arguments/invocation.js';
import { printDocument } from '../../output/print-document.js';
import { patient, withCluster } from '../cluster/open-cluster.js';
import type { KubeContext } from '../kube-context.js';
import { whyStays } from '../plan/why-stays.js';
import { rowOfCheckpoint } from '../watch/row-of-checkpoint.js';
import { exitOf } from '../watch/exit-of.js';
import { reportRow } from '../watch/report-rows.js';
import { waitForRows } from '../watch/wait-for-rows.js';
import { insistOnStorage, lookAtStorage, storageSpec, wantedStorage } from './choose-storage.js';
import { deletedRow } from './deleted-row.js';
import { findPod } from './find-pod.js';
import { goOnOrCount, goOnOrMake, type WantedOrder } from './go-on-or-make.js';
import { isCheckpointOver } from './is-over.js';
import { newest } from './newest.js';
import { parseLength } from './parse-when.js';
import { readWait } from './read-wait.js';
import { sayPlaced } from './say-placed.js';

const COMMAND = 'checkpoint';

/** `kubectl grit checkpoint POD`. */
export async function checkpointPod(invocation: Invocation, context: KubeContext): Promise<number> {
  const storage = wantedStorage(invocation, COMMAND);
  const ttl = invocation.text('ttl');
  if (ttl !== undefined) parseLength(ttl, '--ttl', COMMAND);
  const { wait, timeoutMs } = readWait(invocation, COMMAND);
  return await withCluster(context, async (cluster) => {
    const { client, namespace } = cluster;
    const pod = await findPod(client, namespace, invocation.positional(0), patient());
    insistOnRunning(pod);
    insistOnStorage(await lookAtStorage(client, storage, [namespace], patient()), namespace);
    const spec: CheckpointSpec = {
      podName: pod.metadata.name,
      ...storageSpec(storage),
      ...(invocation.has('stop') ? { afterCheckpoint: 'stop' } : {}),
      ...(ttl === undefined ? {} : { ttl }),
    };
    const wanted: WantedOrder<Checkpoint> = {
      namespace,
      spec,
      isOver: isCheckpointOver,
      mayRetry: ({ status }) => status?.phase === 'Failed',
    };
    const name = invocation.text('name');
    const placed =
      name === undefined
        ? await goOnOrCount(client, CHECKPOINTS, pod.metadata.name, wanted, patient())
        : await goOnOrMake(client, CHECKPOINTS, name, wanted, patient());
    const { metadata } = placed.object;
    const look = `kubectl grit status checkpoint/${metadata.name} -n ${namespace}`;
    if (!wait) {
      if (!printDocument(context.terminal, context.format, placed.object)) sayPlaced(context.terminal, placed, look);
      return 0;
    }
    const [row] = await waitForRows(context, cluster, {
      namespace,
      rowsOf: (scene) => {
        const there = scene.checkpoints.find((each) => each.metadata.uid === metadata.uid);
        if (there === undefined) return [deletedRow(placed.object, 'checkpoint')];
        return [rowOfCheckpoint(newest(there, placed.object), scene)];
      },
      timeoutMs,
      lookLater: look,
    });
    if (row === undefined) return 0;
    const last = await client.find(CHECKPOINTS, { namespace, name: metadata.name }, patient());
    if (!printDocument(context.terminal, context.format, last ?? placed.object)) reportRow(row, context.terminal);
    return exitOf([row.outcome]);
  });
}

function insistOnRunning(pod: Pod): void {
  const why = whyStays(pod, { moveHostPaths: true });
  // A pod that is not moved may belong to its node.
  if (why === undefined || why.reason === 'DaemonSet') return;
  const { name, namespace = '' } = pod.metadata;
  throw new GritError('GRIT_WORKLOAD_NOT_RUNNING', `pod ${name} cannot be checkpointed: it ${why.message}`, {
    hint: `\`kubectl describe pod ${name} -n ${namespace}\` says more.`,
  });
}
