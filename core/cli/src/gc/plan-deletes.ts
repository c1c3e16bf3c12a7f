// SPDX-License-Identifier: Apache-2.0
import type { ImageStore, PlatformApi, RetentionDecision } from '@grit/core';
import { isGritError, type CheckpointRecord, type OperationRequest } from '@grit/plugin-api';
import type { CommandContext } from '../command-context.js';

/** A decision, with the bytes that the store has less for it. */
export type PlannedDecision = RetentionDecision & { readonly workload?: string | undefined; readonly bytes: number };

/** More operations than these are asked for one by one. */
const OPERATIONS = 1_000;

/**
 * What the policy of a store says of its checkpoints now. The server is asked, and started where the configuration has a policy;
 * otherwise nothing is planned where none runs.
 */
export async function planDeletes(
  context: CommandContext,
  store: ImageStore,
  signal: AbortSignal,
): Promise<readonly PlannedDecision[]> {
  const { ObjectCounts, limitsAnything, planOfStore } = await import('@grit/core');
  const ask = async (api: PlatformApi) => {
    const operations = await api.listOperations({ limit: OPERATIONS }, signal);
    const checkpoints = await api.listCheckpoints({}, signal);
    const workloads = await api.listWorkloads(signal);
    const requests = new Map<string, OperationRequest | undefined>(operations.map(({ id, request }) => [id, request]));
    for (const { operation } of checkpoints) {
      if (!requests.has(operation)) requests.set(operation, await requestOf(api, operation, signal));
    }
    return { operations, checkpoints, workloads, requests };
  };
  const { session } = context;
  const { retention: policy, name: storage } = store;
  const known = limitsAnything(policy) ? await session.call(ask) : await session.callIfRunning(ask);
  if (known === undefined) return [];
  const objects = await store.objects(signal);
  const decisions = planOfStore({
    ...known,
    storage,
    policy,
    objects,
    now: Date.now(),
    requestOf: ({ operation }: CheckpointRecord) => known.requests.get(operation),
  });
  const counts = new ObjectCounts();
  for (const own of objects.values()) counts.add(own);
  const workloads = new Map(known.checkpoints.map(({ id, workload }) => [id, workload.name]));
  return decisions.map((decision) => {
    const before = counts.bytes;
    if (decision.verdict === 'delete') counts.remove(objects.get(decision.id) ?? []);
    return { ...decision, workload: workloads.get(decision.id), bytes: before - counts.bytes };
  });
}

async function requestOf(api: PlatformApi, id: string, signal: AbortSignal): Promise<OperationRequest | undefined> {
  try {
    return (await api.get(id, signal)).request;
  } catch (error) {
    if (isGritError(error) && error.code === 'GRIT_OPERATION_NOT_FOUND') return undefined;
    throw error;
  }
}
