// SPDX-License-Identifier: Apache-2.0
import { GritError } from '@grit/plugin-api';
import {
  CHECKPOINTS,
  KEYS,
  MIGRATIONS,
  type Checkpoint,
  type KubeClient,
  type ObjectRef,
} from '@grit/plugin-kubernetes';
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
    const migration = await migrationOf(client, checkpoint, namespace);
    // A Checkpoint of a Migration would be looked upon as lost; the Migration takes it along.
    const [type, ref, of] =
      migration === undefined
        ? ([CHECKPOINTS, { namespace, name }, uid] as const)
        : ([MIGRATIONS, { namespace, name: migration.name }, migration.uid] as const);
    await client.delete(type, ref, { uid: of }, patient());
    await untilGone(client, { namespace, name }, uid, checkpoint, timeoutMs);
    const pod = checkpoint.status?.podName ?? '';
    const node = checkpoint.status?.nodeName ?? '';
    const document = { namespace, pod, node, deleted: `${type.kind.toLowerCase()}/${ref.name}` };
    if (!printDocument(context.terminal, context.format, document)) {
      context.terminal.out(`${namespace}/${pod} goes on on ${node}; ${type.kind} ${ref.name} was given up.\n`);
    }
    return 0;
  });
}

/** The Migration that made it, and is still there. */
async function migrationOf(
  client: KubeClient,
  { metadata }: Checkpoint,
  namespace: string,
): Promise<{ readonly name: string; readonly uid: string | undefined } | undefined> {
  const maker = metadata.annotations?.[KEYS.migrationUid];
  if (maker === undefined) return undefined;
  const there = await client.find(MIGRATIONS, { namespace, name: metadata.name }, patient());
  return there === undefined || there.metadata.uid !== maker ? undefined : { name: metadata.name, uid: maker };
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
