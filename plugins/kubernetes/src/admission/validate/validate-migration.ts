// SPDX-License-Identifier: Apache-2.0
import type { Pod } from '../../api/core-kinds.js';
import type { GritNode } from '../../api/grit-node.js';
import type { Migration } from '../../api/migration.js';
import { defined } from '../../kit/defined.js';
import { candidatesOf, compatibleNodes, describeExcluded } from '../../placement/compatible-nodes.js';
import { gpuCount } from '../../pods/gpu-count.js';
import type { AdmissionContext } from '../admission-context.js';
import { AdmissionRefusal } from '../server/admission-refusal.js';
import type { AdmissionHandler } from '../server/admission-review.js';
import { checkContainers } from './chosen-containers.js';
import { checkDestination } from './destination.js';
import { checkMovable } from './movable-pod.js';
import { checkHooks } from './post-start-hooks.js';
import { refuseProtected } from './protected-namespace.js';
import { checkNodeOf, wantedNode } from './ready-node.js';
import { checkPodChoice, runningPod, runningPods } from './running-pod.js';

/** Refuses Migrations that could not come about as things are. */
export function validateMigration(context: AdmissionContext): AdmissionHandler {
  return async ({ operation, namespace, object }, signal) => {
    if (operation !== 'CREATE') return {};
    const { spec } = object as Migration;
    checkPodChoice(spec);
    refuseProtected('Migration', namespace, context.settings.namespace);
    checkDeadline(spec.deadline, context.clock());
    if (spec.nodeName !== undefined) await wantedNode(context, 'spec.nodeName', spec.nodeName, signal);
    const warnings = [
      ...(spec.podName === undefined
        ? await checkPods(context, namespace, spec, signal)
        : await checkPod(context, namespace, spec.podName, spec, signal)),
      ...(await checkDestination(context, namespace, spec, true, signal)),
    ];
    return { warnings };
  };
}

async function checkPod(
  context: AdmissionContext,
  namespace: string,
  name: string,
  { nodeName, containers }: Migration['spec'],
  signal: AbortSignal,
): Promise<readonly string[]> {
  const pod = await runningPod(context, namespace, name, signal);
  checkMovable('spec.podName', pod);
  checkContainers(containers, pod);
  checkHooks('spec.podName', containers, pod);
  const gritNode = await checkNodeOf(context, 'spec.podName', pod, signal);
  return checkTargets(context, pod, gritNode, nodeName);
}

/** Each pod gets a Migration of its own, which is looked at by itself: here only what nobody can mean. */
async function checkPods(
  context: AdmissionContext,
  namespace: string,
  { selector = {} }: Migration['spec'],
  signal: AbortSignal,
): Promise<readonly string[]> {
  for (const pod of await runningPods(context, namespace, selector, signal)) checkMovable('spec.selector', pod);
  return [];
}

function checkDeadline(deadline: string | undefined, now: Date): void {
  if (deadline === undefined || Date.parse(deadline) > now.getTime()) return;
  throw new AdmissionRefusal(
    'spec.deadline',
    `${deadline} is over, it is ${now.toISOString()} now; set a later one, or none`,
  );
}

function checkTargets(
  { informers }: AdmissionContext,
  pod: Pod,
  from: GritNode,
  nodeName: string | undefined,
): string[] {
  if (nodeName !== undefined && nodeName === pod.spec.nodeName) {
    throw new AdmissionRefusal(
      'spec.nodeName',
      `pod ${pod.metadata.name} is on ${nodeName} already; name another node, or leave it out`,
    );
  }
  const source = defined({ facts: from.status?.facts, gpuCount: gpuCount(pod) });
  const { compatible, excluded } = compatibleNodes(source, candidatesOf(informers), { nodeName, pod });
  if (compatible.length > 0) return [];
  if (nodeName === undefined) return [`no node is compatible now, the pod will wait: ${describeExcluded(excluded)}`];
  const reasons = excluded.find(({ node }) => node === nodeName)?.reasons.join(', ') ?? 'it is not known yet';
  throw new AdmissionRefusal(
    'spec.nodeName',
    `the pod cannot go on on ${nodeName}: ${reasons}; name another node, or leave it out for any compatible one`,
  );
}
