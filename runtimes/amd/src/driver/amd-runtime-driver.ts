// SPDX-License-Identifier: Apache-2.0
import {
  GritError,
  type Hold,
  type HeldCheckpoint,
  type NodeFacts,
  type PreflightReport,
  type PreparedRestore,
  type ReleaseMode,
  type RestoredWorkload,
  type RuntimeDriver,
  type Timing,
  type WorkloadRef,
  type WorkloadStatus,
} from '@grit/plugin-api';
import type { AmdConfig } from '../config.js';
import { nodeFacts } from '../node/node-facts.js';
import { nodeProblems } from '../node/node-problems.js';
import { readNode } from '../node/node-view.js';
import { refusal, throwIfAborted } from './refusal.js';

/** Looks at the node and touches nothing: it claims no workload, and so has nothing to release or to take back. */
export class AmdRuntimeDriver implements RuntimeDriver {
  readonly id = 'amd';

  constructor(private readonly config: AmdConfig) {}

  async probe(signal: AbortSignal): Promise<NodeFacts> {
    throwIfAborted(signal);
    const node = await readNode(this.config);
    throwIfAborted(signal);
    return { ready: false, problems: nodeProblems(node), facts: nodeFacts(node) };
  }

  async preflight(workload: WorkloadRef, _options: unknown, signal: AbortSignal): Promise<PreflightReport> {
    return refuse(`checkpoint ${workload.name}`, signal);
  }

  async checkpoint(
    workload: WorkloadRef,
    _sink: unknown,
    _options: unknown,
    signal: AbortSignal,
  ): Promise<HeldCheckpoint> {
    return refuse(`checkpoint ${workload.name}`, signal);
  }

  async release(hold: Hold, _mode: ReleaseMode, signal: AbortSignal): Promise<readonly Timing[]> {
    throwIfAborted(signal);
    const message = `runtime-amd holds nothing: there is no hold ${hold.id} on ${hold.workload.name}`;
    return Promise.reject(new GritError('GRIT_HOLD_NOT_FOUND', message));
  }

  async holds(signal: AbortSignal): Promise<readonly Hold[]> {
    throwIfAborted(signal);
    return Promise.resolve([]);
  }

  async prepareRestore(
    _source: unknown,
    { workload }: { readonly workload: WorkloadRef },
    signal: AbortSignal,
  ): Promise<PreparedRestore> {
    return refuse(`restore ${workload.name}`, signal);
  }

  async restore({ workload }: PreparedRestore, _source: unknown, signal: AbortSignal): Promise<RestoredWorkload> {
    return refuse(`restore ${workload.name}`, signal);
  }

  async verify({ status }: RestoredWorkload, signal: AbortSignal): Promise<WorkloadStatus> {
    return refuse(`restore ${status.workload.name}`, signal);
  }

  async abandonRestore(_prepared: unknown, signal: AbortSignal): Promise<undefined> {
    throwIfAborted(signal);
    return Promise.resolve(undefined);
  }
}

async function refuse(what: string, signal: AbortSignal): Promise<never> {
  throwIfAborted(signal);
  return Promise.reject(refusal(what));
}
