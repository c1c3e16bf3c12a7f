// SPDX-License-Identifier: Apache-2.0
import type { Checkpoint } from '../../api/checkpoint.js';
import { KEYS } from '../../api/group.js';
import type { Restore } from '../../api/restore.js';
import { compatibleNodes } from '../../placement/compatible-nodes.js';
import { isEmptySelector } from '../../pods/matches-selector.js';
import type { AdmissionContext } from '../admission-context.js';
import { AdmissionRefusal } from '../server/admission-refusal.js';
import type { AdmissionHandler } from '../server/admission-review.js';
import { refuseProtected } from '../validate/protected-namespace.js';
import { wantedNode } from '../validate/ready-node.js';
import { checkpointOf, isUsable } from './source-of.js';

/** Refuses Restores from which no pod could go on. */
export function validateRestore(context: AdmissionContext): AdmissionHandler {
  return async ({ operation, namespace, object }, signal) => {
    if (operation !== 'CREATE') return {};
    const restore = object as Restore;
    const { spec } = restore;
    refuseProtected('Restore', namespace, context.settings.namespace);
    const checkpoint = await checkpointOf(context, restore, namespace, signal);
    checkCheckpoint(restore, namespace, checkpoint);
    checkChoice(restore);
    if (spec.nodeName === undefined) return {};
    await wantedNode(context, 'spec.nodeName', spec.nodeName, signal);
    return { warnings: warningsOf(context, spec.nodeName, checkpoint) };
  };
}

function checkCheckpoint(
  { spec }: Restore,
  namespace: string,
  checkpoint: Checkpoint | undefined,
): asserts checkpoint is Checkpoint {
  const { checkpointName: name, checkpointNamespace: other = namespace } = spec;
  if (other !== namespace && !(checkpoint !== undefined && isAllowed(checkpoint, namespace))) {
    // The same words for both, so that nobody finds out what other namespaces have.
    throw new AdmissionRefusal(
      'spec.checkpointNamespace',
      `namespace ${other} has no Checkpoint ${name} that allows namespace ${namespace}; its owner can annotate it with ${KEYS.allowNamespaces}=${namespace}`,
      'Forbidden',
    );
  }
  if (checkpoint === undefined) {
    throw new AdmissionRefusal(
      'spec.checkpointName',
      `there is no Checkpoint ${name} in namespace ${other}; \`kubectl get ckpt -n ${other}\` lists those that there are`,
    );
  }
  if (isUsable(checkpoint)) return;
  const { phase = 'Created', error } = checkpoint.status ?? {};
  const why =
    checkpoint.metadata.deletionTimestamp === undefined
      ? `is ${phase}${error === undefined ? '' : ` (${error.message})`}`
      : 'is being deleted';
  const way = phase === 'Failed' ? 'use another one' : 'wait until it is Checkpointed';
  throw new AdmissionRefusal('spec.checkpointName', `Checkpoint ${name} ${why} and has no image to go on from; ${way}`);
}

function isAllowed({ metadata }: Checkpoint, namespace: string): boolean {
  const allowed = (metadata.annotations?.[KEYS.allowNamespaces] ?? '').split(',').map((name) => name.trim());
  return allowed.includes(namespace) || allowed.includes('*');
}

function checkChoice({ spec }: Restore): void {
  const { ownerRef, selector, podName } = spec;
  if (ownerRef === undefined && selector === undefined && podName === undefined) {
    throw new AdmissionRefusal(
      'spec.ownerRef',
      'nothing says which pod takes the Restore, and the Checkpoint does not know the owner of its pod; set ownerRef, selector or podName',
    );
  }
  if (selector !== undefined && isEmptySelector(selector)) {
    throw new AdmissionRefusal(
      'spec.selector',
      'is empty, so any pod would take the Restore; set matchLabels or matchExpressions',
    );
  }
}

function warningsOf({ informers }: AdmissionContext, nodeName: string, { status }: Checkpoint): string[] {
  const node = informers.nodes.get({ name: nodeName });
  if (node === undefined) return [];
  const candidates = [{ node, gritNode: informers.gritNodes.get({ name: nodeName }) }];
  const { excluded } = compatibleNodes(status?.source ?? {}, candidates, { imageBytes: status?.image?.size });
  return excluded.map(
    ({ node: name, reasons }) => `spec.nodeName: ${name} is not compatible now: ${reasons.join(', ')}`,
  );
}
