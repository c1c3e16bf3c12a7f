// SPDX-License-Identifier: Apache-2.0
import { GritError, type WorkloadRef } from '@grit/plugin-api';
import type { ContainerdClient } from '../containerd/containerd-client.js';
import { findPod, runningContainers } from './pod-view.js';

/** See RuntimeDriver.rootOf: that of the first container which runs and is no sidecar of before an init container. */
export async function rootOfPod(client: ContainerdClient, workload: WorkloadRef, signal: AbortSignal): Promise<string> {
  const view = await findPod(client, workload, signal);
  const running = runningContainers(view);
  const lastEnded = Math.max(
    ...view.containers.filter(({ pid }) => pid === undefined).map(({ createdAt }) => createdAt),
  );
  const first = running.find(({ createdAt }) => createdAt > lastEnded) ?? running[0];
  if (first !== undefined) return `/proc/${first.pid}/root`;
  throw new GritError('GRIT_WORKLOAD_NOT_RUNNING', `no container of pod ${view.pod.name} runs`);
}
