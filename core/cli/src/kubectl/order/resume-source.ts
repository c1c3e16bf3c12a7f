// SPDX-License-Identifier: Apache-2.0
import { GritError } from '@grit/plugin-api';
import { CHECKPOINTS, type Checkpoint, type KubeClient, type ObjectRef } from '@grit/plugin-kubernetes';
import { setTimeout as delay } from 'node:timers/promises';
import type { Invocation } from '../../arguments/invocation.js';
import { printDocument } from '../../output/print-document.js';
import { patient, withCluster } from '../cluster/open-cluster.js';
import type { KubeContext } from '../kube-context.js';
import { chooseHeld } from './choose-held.js';
import { parseLength } from './parse-when.js';

const COMMAND = 'resume';
const ASK_EVERY_MS = 300;
/** The agent of a node that answers is done long before. */
const TIMEOUT_MS = 120_000;

/** `kubectl grit resume CHECKPOINT|POD`: deletes what holds the pod, which lets it go on, and waits until it does. */
export async function resumeSource(invocation: Invocation, context: KubeContext): Promise<number> {
  const timeout = invocation.text('timeout');
  const timeoutMs = timeout === undefined ? TIMEOUT_MS : parseLength(timeout, '--timeout', COMMAND);
  return await withCluster(context, async ({ client, namespace }) => {
    const { items } = await client.list(CHECKPOINTS, { namespace }, patient());
    const checkpoint = chooseHeld(items, invocation.positional(0), namespace);
    const { name, uid } = checkpoint.metadata;
    // A Migration that made it sees that it is gone, and says that the pod runs on.
    await client.delete(CHECKPOINTS, { namespace, name }, { uid }, patient());
    await untilGone(client, { namespace, name }, uid, checkpoint, timeoutMs);
    const pod = checkpoint.status?.podName ?? '';
    const node = checkpoint.status?.nodeName ?? '';
    const document = { namespace, pod, node, deleted: `checkpoint/${name}` };
    if (!printDocument(context.terminal, context.format, document)) {
      context.terminal.out(`${namespace}/${pod} goes on on node ${node}; checkpoint/${name} was given up.\n`);
    }
    return 0;
  });
}

/** It is gone when the agent of the node has let the pod go on. */
async function untilGone(
  client: KubeClient,
  ref: ObjectRef,
  uid: string | undefined,
  { status }: Checkpoint,
  timeoutMs: number,
): Promise<void> {
  const end = performance.now() + timeoutMs;
  while (performance.now() < end) {
    const there = await client.find(CHECKPOINTS, ref, patient());
    if (there === undefined || there.metadata.uid !== uid) return;
    await delay(ASK_EVERY_MS);
  }
  const node = status?.nodeName ?? '';
  throw new GritError('GRIT_TIMEOUT', `the agent of node ${node} has not let pod ${status?.podName ?? ''} go on yet`, {
    hint: `It does so as soon as it runs: \`kubectl grit status node/${node}\`.`,
  });
}
