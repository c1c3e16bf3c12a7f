// SPDX-License-Identifier: Apache-2.0
import { EventEmitter, once } from 'node:events';
import { GritError, isFinal, type CheckpointCopy, type OperationRequest, type OperationStatus } from '@grit/plugin-api';
import type { PlatformApi, PluginReport, ServerStatus } from '../../src/api/platform-api.js';
import type { SqliteCatalog } from '../../src/catalog/sqlite-catalog.js';

const plugin: PluginReport = {
  ...{ name: 'store', id: 'pvc', kind: 'storage', version: '0.1.0', apiVersion: '1', source: '/x', state: 'started' },
  ...{ provides: [], capabilities: [], config: { path: '/store' }, startedInMs: 1, host: 'server' },
};

/** The platform without what runs operations: the catalog alone. */
export class CatalogPlatform implements PlatformApi {
  readonly events = new EventEmitter<{ shutdown: []; watching: []; left: []; asked: [] }>();
  /** Answers of `status` wait for it. */
  statusGate: Promise<void> = Promise.resolve();

  constructor(private readonly catalog: SqliteCatalog) {}

  submit = async (request: OperationRequest) => this.catalog.createOperation(request);
  get = async (id: string) => this.catalog.getOperation(id);

  async *watch(id: string, signal: AbortSignal): AsyncGenerator<OperationStatus> {
    const changes = new EventEmitter();
    const end = this.catalog.onChange(id, () => changes.emit('change'));
    this.events.emit('watching');
    try {
      for (let revision = -1; ;) {
        const status = this.catalog.getOperation(id);
        if (status.revision !== revision) yield status;
        revision = status.revision;
        if (isFinal(status.phase)) return;
        if (this.catalog.getOperation(id).revision === revision) await once(changes, 'change', { signal });
      }
    } finally {
      end();
      this.events.emit('left');
    }
  }

  cancel = async (id: string, reason: string) => void this.catalog.requestCancel(id, reason);

  listOperations = async (filter: { workload?: string | undefined; limit?: number | undefined }) =>
    this.catalog.listOperations({ limit: filter.limit, workload: refOf(filter.workload) });

  listWorkloads = async () => this.catalog.listWorkloads();

  async getWorkload(name: string) {
    const record = this.catalog.getWorkload({ kind: 'container', name });
    if (record === undefined) throw new GritError('GRIT_WORKLOAD_NOT_FOUND', `there is no workload ${name}`);
    return record;
  }

  listCheckpoints = async (filter: { workload?: string | undefined }, signal: AbortSignal) =>
    this.catalog.checkpoints.list({ workload: refOf(filter.workload) }, signal);
  getCheckpoint = async (id: string, signal: AbortSignal) => this.catalog.checkpoints.get(id, signal);
  pinCheckpoint = async (id: string, pinned: boolean, signal: AbortSignal) =>
    this.catalog.checkpoints.pin(id, pinned, signal);
  addCopy = async (id: string, copy: CheckpointCopy & { readonly of: string }, signal: AbortSignal) =>
    this.catalog.checkpoints.addCopy(id, copy, signal);
  listNodes = async () => this.catalog.listNodes();
  listPlugins = async () => [plugin];

  async status(): Promise<ServerStatus> {
    this.events.emit('asked');
    await this.statusGate;
    const { pid } = process;
    return { version: '0.1.0', pid, startedAt: 1, stateDirectory: '/state', queue: 'connected', node: 'local' };
  }

  shutdown = async () => void this.events.emit('shutdown');
}

function refOf(name: string | undefined): { kind: string; name: string } | undefined {
  return name === undefined ? undefined : { kind: 'container', name };
}
