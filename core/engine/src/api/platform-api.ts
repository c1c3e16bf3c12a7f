// SPDX-License-Identifier: Apache-2.0
import type { CheckpointCopy, CheckpointRecord, OperationClient, OperationStatus } from '@grit/plugin-api';
import type { NodeRecord, WorkloadRecord } from '../catalog/catalog.js';

/** A plugin as `grit plugin list` shows it. */
export interface PluginReport {
  /** Name in grit.yaml. */
  readonly name: string;
  readonly id: string;
  readonly kind: string;
  readonly version: string;
  readonly apiVersion: string;
  /** Path of the package. */
  readonly source: string;
  readonly state: 'started' | 'failed' | 'skipped';
  readonly provides: readonly string[];
  readonly capabilities: readonly string[];
  /** Secrets are replaced. */
  readonly config: unknown;
  readonly startedInMs: number;
  readonly error?: { readonly code: string; readonly message: string } | undefined;
  /** `server` or `agent NODE`. */
  readonly host: string;
}

/** The server at a glance. */
export interface ServerStatus {
  readonly version: string;
  readonly pid: number;
  readonly startedAt: number;
  readonly stateDirectory: string;
  readonly queue: 'connected' | 'disconnected';
  readonly node: string;
}

/** Everything that users and the command line ask of a running platform. Implemented by the server and by the client of its socket. */
export interface PlatformApi extends OperationClient {
  listOperations(
    filter: { readonly workload?: string | undefined; readonly limit?: number | undefined },
    signal: AbortSignal,
  ): Promise<readonly OperationStatus[]>;
  listWorkloads(signal: AbortSignal): Promise<readonly WorkloadRecord[]>;
  /** Throws GRIT_WORKLOAD_NOT_FOUND. State is refreshed from the node when it answers. */
  getWorkload(name: string, signal: AbortSignal): Promise<WorkloadRecord>;
  listCheckpoints(
    filter: { readonly workload?: string | undefined },
    signal: AbortSignal,
  ): Promise<readonly CheckpointRecord[]>;
  getCheckpoint(id: string, signal: AbortSignal): Promise<CheckpointRecord>;
  /** A pinned one is never deleted, by nobody. */
  pinCheckpoint(id: string, pinned: boolean, signal: AbortSignal): Promise<CheckpointRecord>;
  /** Notes a copy that was verified; see `CheckpointCatalog.addCopy`. */
  addCopy(id: string, copy: CheckpointCopy & { readonly of: string }, signal: AbortSignal): Promise<CheckpointRecord>;
  listNodes(signal: AbortSignal): Promise<readonly NodeRecord[]>;
  listPlugins(signal: AbortSignal): Promise<readonly PluginReport[]>;
  status(signal: AbortSignal): Promise<ServerStatus>;
  /** Ends the server and everything that it started, except workloads. */
  shutdown(signal: AbortSignal): Promise<void>;
}
