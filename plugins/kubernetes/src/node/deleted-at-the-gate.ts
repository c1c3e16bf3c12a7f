// SPDX-License-Identifier: Apache-2.0
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger, NodeSteps, StartGate, WorkloadRef } from '@grit/plugin-api';
import { PODS } from '../api/core-kinds.js';
import type { KubeClient } from '../kit/kube-client.js';

/** A pod that is deleted while its start waits goes only when the start has failed: it is looked after this often. */
const LOOK_MS = 1_000;

/** Ends the wait of pods that are deleted meanwhile. Returns at the signal. */
export async function refuseDeleted(
  steps: NodeSteps,
  client: KubeClient,
  logger: Logger,
  signal: AbortSignal,
): Promise<void> {
  const gate = await steps.gate(signal).catch(() => undefined);
  if (gate === undefined) return;
  do {
    try {
      for (const workload of await gate.waiting(signal)) await look(gate, workload, client, logger, signal);
    } catch (error) {
      if (!signal.aborted) logger.debug('pods at the gate were not looked at', { reason: String(error) });
    }
  } while (await delay(LOOK_MS, true, { signal }).catch(() => false));
}

async function look(
  gate: StartGate,
  workload: WorkloadRef,
  client: KubeClient,
  logger: Logger,
  signal: AbortSignal,
): Promise<void> {
  const { namespace = '', name, uid } = workload;
  const pod = await client.find(PODS, { namespace, name }, signal);
  if (pod?.metadata.uid === uid && pod?.metadata.deletionTimestamp === undefined) return;
  logger.info('pod deleted while it waited for its image', { namespace, pod: name });
  await gate.refuse(workload, 'the pod is being deleted', signal);
}
