// SPDX-License-Identifier: Apache-2.0
import type { Checkpoint } from '../../api/checkpoint.js';
import type { Pod } from '../../api/core-kinds.js';
import { API_VERSION, KEYS } from '../../api/group.js';
import type { AdmissionContext } from '../admission-context.js';
import type { AdmissionHandler } from '../server/admission-review.js';
import { checkContainers } from './chosen-containers.js';
import { checkDestination } from './destination.js';
import { checkMovable, checkReplaced } from './movable-pod.js';
import { checkHooks } from './post-start-hooks.js';
import { refuseProtected } from './protected-namespace.js';
import { checkNodeOf, wantedNode } from './ready-node.js';
import { checkPodChoice, onlyRunningPod, runningPod } from './running-pod.js';

/** Refuses Checkpoints that could not be taken as things are. */
export function validateCheckpoint(context: AdmissionContext): AdmissionHandler {
  return async ({ operation, namespace, object }, signal) => {
    if (operation !== 'CREATE') return {};
    const { spec, metadata } = object as Checkpoint;
    const stops = spec.autoMigration === true || spec.afterCheckpoint === 'stop';
    checkPodChoice(spec);
    if (stops) refuseProtected('Checkpoint that stops its pod', namespace, context.settings.namespace);
    const field = spec.podName === undefined ? 'spec.selector' : 'spec.podName';
    const pod = await chosenPod(context, namespace, spec, signal);
    if (spec.autoMigration === true && !isOfMigration({ metadata })) checkReplaced(field, pod);
    else if (stops) checkMovable(field, pod);
    checkContainers(spec.containers, pod);
    checkHooks(field, spec.containers, pod);
    await checkNodeOf(context, field, pod, signal);
    const { nodeName } = spec.restore ?? {};
    if (nodeName !== undefined) await wantedNode(context, 'spec.restore.nodeName', nodeName, signal);
    const warnings = await checkDestination(context, namespace, spec, spec.autoMigration === true, signal);
    return { warnings };
  };
}

/** Whether a Migration made it, which makes bare pods anew by itself. */
function isOfMigration({ metadata }: Pick<Checkpoint, 'metadata'>): boolean {
  const isOwned = metadata.ownerReferences?.some(
    ({ apiVersion, kind }) => apiVersion === API_VERSION && kind === 'Migration',
  );
  return isOwned === true || metadata.annotations?.[KEYS.migrationUid] !== undefined;
}

async function chosenPod(
  context: AdmissionContext,
  namespace: string,
  { podName, selector }: Checkpoint['spec'],
  signal: AbortSignal,
): Promise<Pod> {
  return podName === undefined
    ? onlyRunningPod(context, namespace, selector ?? {}, signal)
    : runningPod(context, namespace, podName, signal);
}
