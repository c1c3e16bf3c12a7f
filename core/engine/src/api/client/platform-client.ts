// SPDX-License-Identifier: Apache-2.0
import type {
  CheckpointCopy,
  CheckpointRecord,
  OperationRequest,
  OperationStatus,
  SubmittedOperation,
} from '@grit/plugin-api';
import type { NodeRecord, WorkloadRecord } from '../../catalog/catalog.js';
import type { PlatformApi, PluginReport, ServerStatus } from '../platform-api.js';
import { SocketClient } from './socket-client.js';
import { watchOperation } from './watch-operation.js';

/** Choices of a client. */
export interface PlatformClientOptions {
  /** How long `watch` waits for a server that went away, in ms; default 60,000. */
  readonly patienceMs?: number | undefined;
  /** How long a stream may be silent before its connection counts as lost, in ms; default 15,000. The server's pause is 5,000. */
  readonly silenceMs?: number | undefined;
}

/** The platform, over the socket of its server. Calls throw GRIT_SERVER_UNAVAILABLE when there is none. */
export class PlatformClient implements PlatformApi {
  readonly #client: SocketClient;
  readonly #watching: { readonly patienceMs: number; readonly silenceMs: number };

  constructor(socketPath: string, options: PlatformClientOptions = {}) {
    this.#client = new SocketClient(socketPath);
    this.#watching = { patienceMs: options.patienceMs ?? 60_000, silenceMs: options.silenceMs ?? 15_000 };
  }

  async submit(request: OperationRequest, signal: AbortSignal): Promise<SubmittedOperation> {
    // With a key, sending again after a lost connection cannot make a second operation.
    const body = { ...request, idempotencyKey: request.idempotencyKey ?? `once-${crypto.randomUUID()}` };
    return this.#client.json({ method: 'POST', path: '/v1/operations', body, signal });
  }

  async get(id: string, signal: AbortSignal): Promise<OperationStatus> {
    return this.#get(`/v1/operations/${encodeURIComponent(id)}`, signal);
  }

  watch(id: string, signal: AbortSignal): AsyncIterable<OperationStatus> {
    return watchOperation(this.#client, id, signal, this.#watching);
  }

  async cancel(id: string, reason: string, signal: AbortSignal): Promise<void> {
    const path = `/v1/operations/${encodeURIComponent(id)}/cancel`;
    await this.#client.json({ method: 'POST', path, body: { reason }, signal });
  }

  async listOperations(
    filter: { readonly workload?: string | undefined; readonly limit?: number | undefined },
    signal: AbortSignal,
  ): Promise<readonly OperationStatus[]> {
    return this.#get(`/v1/operations${queryOf(filter)}`, signal);
  }

  async listWorkloads(signal: AbortSignal): Promise<readonly WorkloadRecord[]> {
    return this.#get('/v1/workloads', signal);
  }

  async getWorkload(name: string, signal: AbortSignal): Promise<WorkloadRecord> {
    return this.#get(`/v1/workloads/${encodeURIComponent(name)}`, signal);
  }

  async listCheckpoints(
    filter: { readonly workload?: string | undefined },
    signal: AbortSignal,
  ): Promise<readonly CheckpointRecord[]> {
    return this.#get(`/v1/checkpoints${queryOf(filter)}`, signal);
  }

  async getCheckpoint(id: string, signal: AbortSignal): Promise<CheckpointRecord> {
    return this.#get(`/v1/checkpoints/${encodeURIComponent(id)}`, signal);
  }

  async pinCheckpoint(id: string, pinned: boolean, signal: AbortSignal): Promise<CheckpointRecord> {
    const path = `/v1/checkpoints/${encodeURIComponent(id)}/pin`;
    return this.#client.json({ method: 'POST', path, body: { pinned }, signal });
  }

  async addCopy(
    id: string,
    copy: CheckpointCopy & { readonly of: string },
    signal: AbortSignal,
  ): Promise<CheckpointRecord> {
    const path = `/v1/checkpoints/${encodeURIComponent(id)}/copies`;
    return this.#client.json({ method: 'POST', path, body: copy, signal });
  }

  async listNodes(signal: AbortSignal): Promise<readonly NodeRecord[]> {
    return this.#get('/v1/nodes', signal);
  }

  async listPlugins(signal: AbortSignal): Promise<readonly PluginReport[]> {
    return this.#get('/v1/plugins', signal);
  }

  async status(signal: AbortSignal): Promise<ServerStatus> {
    return this.#get('/v1/status', signal);
  }

  /** Returns when the server has taken the request; the end of its process (`status().pid`) comes later. */
  async shutdown(signal: AbortSignal): Promise<void> {
    await this.#client.json({ method: 'POST', path: '/v1/shutdown', body: {}, signal });
  }

  /** Closes the kept connections. A process that ends need not. */
  close(): void {
    this.#client.close();
  }

  async #get<T>(path: string, signal: AbortSignal): Promise<T> {
    return this.#client.json<T>({ method: 'GET', path, signal });
  }
}

function queryOf(filter: Readonly<Record<string, string | number | undefined>>): string {
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries(filter)) if (value !== undefined) query.set(key, String(value));
  return query.size === 0 ? '' : `?${query.toString()}`;
}
