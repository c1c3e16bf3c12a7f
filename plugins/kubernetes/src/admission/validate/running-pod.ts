// SPDX-License-Identifier: Apache-2.0
import { PODS, type Pod } from '../../api/core-kinds.js';
import type { LabelSelector } from '../../api/selector.js';
import { isEmptySelector } from '../../pods/matches-selector.js';
import { isClaimPod, isRunning, whyNotRunning } from '../../pods/pod-state.js';
import { selectorText } from '../../pods/selector-text.js';
import type { AdmissionContext } from '../admission-context.js';
import { look } from '../look.js';
import { AdmissionRefusal } from '../server/admission-refusal.js';

const NAMES_SHOWN = 5;

/** What chooses pods. */
export interface PodChoice {
  readonly podName?: string | undefined;
  readonly selector?: LabelSelector | undefined;
}

/** Throws an AdmissionRefusal unless exactly one of podName and selector is there. */
export function checkPodChoice({ podName, selector }: PodChoice): void {
  if (podName !== undefined && selector !== undefined) {
    throw new AdmissionRefusal('spec.selector', 'podName is set, too; set one of the two');
  }
  if (podName === undefined && selector === undefined) {
    throw new AdmissionRefusal('spec.podName', 'is missing; name a running pod, or set selector');
  }
  if (selector !== undefined && isEmptySelector(selector)) {
    throw new AdmissionRefusal(
      'spec.selector',
      'is empty and would choose every pod; set matchLabels or matchExpressions',
    );
  }
}

/** The pod of this name, if it runs. */
export async function runningPod(
  { client, informers }: AdmissionContext,
  namespace: string,
  name: string,
  signal: AbortSignal,
): Promise<Pod> {
  const sources = { client, informer: informers.pods, type: PODS };
  const pod = await look(sources, { namespace, name }, isRunning, signal);
  if (pod === undefined) {
    throw new AdmissionRefusal(
      'spec.podName',
      `there is no pod ${name} in namespace ${namespace}; \`kubectl get pods -n ${namespace}\` lists those that there are`,
    );
  }
  const why = whyNotRunning(pod);
  if (why !== undefined) {
    throw new AdmissionRefusal(
      'spec.podName',
      `pod ${name} does not run (${why}); only a running pod has a state, wait until it is Running`,
    );
  }
  refuseOurs('spec.podName', pod);
  return pod;
}

/** The running pods that a selector chooses; at least one. */
export async function runningPods(
  { client }: AdmissionContext,
  namespace: string,
  selector: LabelSelector,
  signal: AbortSignal,
): Promise<readonly Pod[]> {
  const { items } = await client.list(PODS, { namespace, labelSelector: selectorText(selector) }, signal);
  const running = items.filter((pod) => isRunning(pod) && !isClaimPod(pod));
  if (running.length > 0) return running;
  const others = items.length === 0 ? 'no pod' : `only pods that do not run (${namesOf(items)})`;
  throw new AdmissionRefusal(
    'spec.selector',
    `chooses ${others} in namespace ${namespace}; correct the labels, or wait until a pod is Running`,
  );
}

/** The one running pod that a selector chooses. */
export async function onlyRunningPod(
  context: AdmissionContext,
  namespace: string,
  selector: LabelSelector,
  signal: AbortSignal,
): Promise<Pod> {
  const [pod, ...others] = await runningPods(context, namespace, selector, signal);
  if (pod !== undefined && others.length === 0) return pod;
  const all = pod === undefined ? others : [pod, ...others];
  throw new AdmissionRefusal(
    'spec.selector',
    `chooses ${all.length} running pods (${namesOf(all)}), a Checkpoint is of one; set podName, add labels, or make a Migration, which takes several`,
  );
}

function refuseOurs(field: string, pod: Pod): void {
  if (!isClaimPod(pod)) return;
  throw new AdmissionRefusal(
    field,
    `pod ${pod.metadata.name} is a pod of GRIT itself, which mounts a claim for an operation; name the pod of your workload`,
    'Forbidden',
  );
}

function namesOf(pods: readonly Pod[]): string {
  const names = pods.map(({ metadata }) => metadata.name).toSorted();
  const more = names.length > NAMES_SHOWN ? ` and ${names.length - NAMES_SHOWN} more` : '';
  return `${names.slice(0, NAMES_SHOWN).join(', ')}${more}`;
}
