// SPDX-License-Identifier: Apache-2.0
import type { Logger, Progress, WorkloadStatus } from '@grit/plugin-api';
import type { AgentApi, AgentHeartbeat, AgentRegistration } from '../api/agent-api.js';
import type { PluginReport } from '../api/platform-api.js';
import type { Catalog, StepRecord, WorkloadRecord } from '../catalog/catalog.js';
import { recordOf } from '../coordinator/programs/record-status.js';
import type { StepDelivery } from '../coordinator/step-delivery.js';

type StepKey = Pick<StepRecord, 'operation' | 'name' | 'token'>;

/** The server's side of its agents. */
export class Agents implements AgentApi {
  readonly #plugins = new Map<string, readonly PluginReport[]>();
  /** When a node was answered last: what it reports next, it looked up after that. */
  readonly #answeredAt = new Map<string, number>();

  constructor(
    private readonly catalog: Catalog,
    private readonly delivery: StepDelivery,
    private readonly logger: Logger,
  ) {}

  /** Plugins of all agents that have registered since the server started. */
  get plugins(): readonly PluginReport[] {
    return [...this.#plugins.values()].flat();
  }

  async register(registration: AgentRegistration, _signal: AbortSignal): Promise<void> {
    const { node, incarnation, facts } = registration;
    this.#plugins.set(node, registration.plugins);
    this.#answeredAt.set(node, Date.now());
    if (!this.catalog.recordNode({ name: node, incarnation, facts })) return;
    this.logger.info('agent registered', { node, incarnation });
    this.delivery.takeOver(node);
  }

  async heartbeat({ node, incarnation, workloads }: AgentHeartbeat, _signal: AbortSignal): Promise<boolean> {
    if (!this.#plugins.has(node) || !this.catalog.touchNode(node, incarnation)) return false;
    const lookedAfter = this.#answeredAt.get(node) ?? 0;
    for (const status of workloads) this.#observe(node, status, lookedAfter);
    this.#missing(node, workloads, lookedAfter);
    this.#answeredAt.set(node, Date.now());
    return true;
  }

  claim(step: StepKey, signal: AbortSignal): Promise<StepRecord> {
    return this.delivery.claim(step, signal);
  }

  progress(step: StepKey & { readonly progress: Progress }, signal: AbortSignal): Promise<boolean> {
    return this.delivery.progress(step, signal);
  }

  finish(step: StepKey, result: Parameters<AgentApi['finish']>[1], signal: AbortSignal): Promise<void> {
    return this.delivery.finish(step, result, signal);
  }

  #observe(node: string, status: WorkloadStatus, lookedAfter: number): void {
    const record = this.catalog.getWorkload(status.workload);
    if (record === undefined || record.state === 'stopped' || !isNews(record, node, lookedAfter)) return;
    const facts = recordOf(status);
    if (facts.state === record.state && facts.exitCode === record.exitCode) return;
    this.catalog.updateWorkload(status.workload, facts);
  }

  #missing(node: string, workloads: readonly WorkloadStatus[], lookedAfter: number): void {
    const seen = new Set(workloads.map(({ workload }) => workload.name));
    for (const record of this.catalog.listWorkloads()) {
      const expected = record.state === 'running' || record.state === 'held';
      if (!expected || seen.has(record.workload.name) || !isNews(record, node, lookedAfter)) continue;
      this.catalog.updateWorkload(record.workload, { state: 'missing' });
    }
  }
}

/**
 * A report may be older than what an operation has written, while it is at work or just before: a workload that was just restored must
 * not be called missing because the node was asked before.
 */
function isNews(record: WorkloadRecord, node: string, lookedAfter: number): boolean {
  return record.node === node && record.busy === undefined && record.updatedAt < lookedAfter;
}
