// SPDX-License-Identifier: Apache-2.0
import {
  GritError,
  type CheckpointCopy,
  type CheckpointRecord,
  type OperationCoordinator,
  type OperationRequest,
  type OperationStatus,
  type SubmittedOperation,
} from '@grit/plugin-api';
import type { PlatformApi, PluginReport, ServerStatus } from '../api/platform-api.js';
import type { Catalog, NodeRecord, WorkloadRecord } from '../catalog/catalog.js';

/** What the platform takes from the process that it runs in. */
export interface PlatformProcess {
  readonly status: () => Promise<ServerStatus>;
  readonly plugins: () => readonly PluginReport[];
  readonly shutdown: () => void;
}

/** The API of the server: operations by the coordinator, everything else read from the catalog. */
export class Platform implements PlatformApi {
  constructor(
    private readonly catalog: Catalog,
    private readonly coordinator: OperationCoordinator,
    private readonly process: PlatformProcess,
  ) {}

  submit(request: OperationRequest, signal: AbortSignal): Promise<SubmittedOperation> {
    return this.coordinator.submit(request, signal);
  }

  get(id: string, signal: AbortSignal): Promise<OperationStatus> {
    return this.coordinator.get(id, signal);
  }

  watch(id: string, signal: AbortSignal): AsyncIterable<OperationStatus> {
    return this.coordinator.watch(id, signal);
  }

  cancel(id: string, reason: string, signal: AbortSignal): Promise<void> {
    return this.coordinator.cancel(id, reason, signal);
  }

  async listOperations(filter: {
    readonly workload?: string | undefined;
    readonly limit?: number | undefined;
  }): Promise<readonly OperationStatus[]> {
    return this.catalog.listOperations({ workload: refOf(filter.workload), limit: filter.limit });
  }

  async listWorkloads(): Promise<readonly WorkloadRecord[]> {
    return this.catalog.listWorkloads();
  }

  async getWorkload(name: string): Promise<WorkloadRecord> {
    const record = this.catalog.getWorkload({ kind: 'container', name });
    if (record !== undefined) return record;
    throw new GritError('GRIT_WORKLOAD_NOT_FOUND', `there is no workload ${name}`, { details: { workload: name } });
  }

  listCheckpoints(
    filter: { readonly workload?: string | undefined },
    signal: AbortSignal,
  ): Promise<readonly CheckpointRecord[]> {
    return this.catalog.checkpoints.list({ workload: refOf(filter.workload) }, signal);
  }

  getCheckpoint(id: string, signal: AbortSignal): Promise<CheckpointRecord> {
    return this.catalog.checkpoints.get(id, signal);
  }

  async pinCheckpoint(id: string, pinned: boolean, signal: AbortSignal): Promise<CheckpointRecord> {
    const record = await this.catalog.checkpoints.pin(id, pinned, signal);
    this.catalog.audit({ actor: 'api', action: pinned ? 'pin' : 'unpin', subject: id });
    return record;
  }

  async addCopy(
    id: string,
    copy: CheckpointCopy & { readonly of: string },
    signal: AbortSignal,
  ): Promise<CheckpointRecord> {
    const record = await this.catalog.checkpoints.addCopy(id, copy, signal);
    this.catalog.audit({ actor: 'api', action: 'copy', subject: id, details: { storage: copy.storage } });
    return record;
  }

  async listNodes(): Promise<readonly NodeRecord[]> {
    return this.catalog.listNodes();
  }

  async listPlugins(): Promise<readonly PluginReport[]> {
    return this.process.plugins();
  }

  async status(): Promise<ServerStatus> {
    return this.process.status();
  }

  async shutdown(): Promise<void> {
    this.process.shutdown();
  }
}

function refOf(name: string | undefined): { readonly kind: string; readonly name: string } | undefined {
  return name === undefined ? undefined : { kind: 'container', name };
}
