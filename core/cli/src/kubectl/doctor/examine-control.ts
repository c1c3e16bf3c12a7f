// SPDX-License-Identifier: Apache-2.0
import {
  CHECKPOINTS,
  CONFIGURATIONS,
  KubeError,
  LEASES,
  MUTATING,
  VALIDATING,
  type KubeClient,
  type ResourceType,
} from '@grit/plugin-kubernetes';
import type { Finding } from '../../doctor/finding.js';
import { formatAge } from '../../output/format-time.js';
import { allowed } from '../order/choose-storage.js';

const OWN_NAMESPACE = 'grit-system';
const LEADER = 'grit-controller';
const RUNTIME_CLASS = 'grit';
/** The lease is renewed every few seconds. */
const SILENT_MS = 60_000;

const RUNTIME_CLASSES: ResourceType = {
  apiVersion: 'node.k8s.io/v1',
  kind: 'RuntimeClass',
  plural: 'runtimeclasses',
  namespaced: false,
};

/** Whether a server leads: without it nothing is decided. */
export async function examineController(client: KubeClient, signal: AbortSignal): Promise<readonly Finding[]> {
  const subject = 'controller';
  const lease = await client.find(LEASES, { namespace: OWN_NAMESPACE, name: LEADER }, signal);
  const { holderIdentity = '', renewTime } = lease?.spec ?? {};
  const hint = `kubectl get pods -n ${OWN_NAMESPACE}; then the log of the server`;
  if (holderIdentity === '' || renewTime === undefined) {
    return [{ subject, found: 'none', problem: 'no server leads, so nothing that is ordered begins', hint }];
  }
  const age = Date.now() - Date.parse(renewTime);
  const said = formatAge(Date.parse(renewTime), Date.now());
  const found = `${holderIdentity} leads, heard of ${said} ago`;
  return [
    age < SILENT_MS
      ? { subject, found }
      : { subject, found, problem: `the server that leads is silent for ${said}`, hint },
  ];
}

/** Whether the admission is known to the API server, and answers it: asked by a dry run. */
export async function examineAdmission(
  client: KubeClient,
  namespace: string,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const subject = 'admission';
  const hint = `kubectl get endpointslices -n ${OWN_NAMESPACE}; the server writes the configurations when it leads`;
  const name = CONFIGURATIONS.ours;
  for (const type of [VALIDATING, MUTATING]) {
    // Few may look at these; the answer to the dry run tells the same.
    const there = await allowed(client.find(type, { name }, signal).then((found) => ({ found })));
    if (there !== undefined && there.found === undefined) {
      return [{ subject, found: '-', problem: `there is no ${type.kind} ${name}`, hint }];
    }
  }
  try {
    const probe = { metadata: { name: 'grit-doctor', namespace }, spec: { podName: 'grit-doctor' } };
    await client.create(CHECKPOINTS, probe, { dryRun: true }, signal);
  } catch (error) {
    if (!(error instanceof KubeError)) throw error;
    if (/failed calling webhook/.test(error.message)) {
      return [{ subject, found: '-', problem: `the API server gets no answer: ${error.message}`, hint }];
    }
    if (error.isForbidden && !/admission webhook/.test(error.message)) throw error;
  }
  return [{ subject, found: 'answers the API server' }];
}

/** Whether restored pods have their RuntimeClass. */
export async function examineRuntimeClass(client: KubeClient, signal: AbortSignal): Promise<readonly Finding[]> {
  const subject = 'RuntimeClass';
  const there = await client.find(RUNTIME_CLASSES, { name: RUNTIME_CLASS }, signal);
  if (there !== undefined) return [{ subject, found: RUNTIME_CLASS }];
  const problem = `there is no RuntimeClass ${RUNTIME_CLASS}, which pods that go on need`;
  return [{ subject, found: '-', problem, hint: 'kubectl apply --server-side -f deploy/kubernetes/nodes' }];
}
