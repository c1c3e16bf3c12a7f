// SPDX-License-Identifier: Apache-2.0
import { setTimeout as delay } from 'node:timers/promises';
import {
  GritError,
  type AfterCheckpoint,
  type CheckpointRecord,
  type Json,
  type Logger,
  type OperationStatus,
  type StorageProvider,
  type TcpPolicy,
  type WorkloadRef,
} from '@grit/plugin-api';
import type { Catalog, WorkloadRecord } from '../catalog/catalog.js';
import type { StepDelivery } from './step-delivery.js';
import { NODE_GONE_MS } from './step-delivery.js';

/** Pauses between the tries of a step that failed for a reason that may pass. */
const RETRY_PAUSES_MS = [250, 1_000];

/** How long after the start of the server its agents may take to come back. */
const AGENTS_RETURN_MS = 10_000;
const AGENT_LOOK_MS = 50;

/** What programs take from the configuration. */
export interface OperationDefaults {
  readonly node: string;
  readonly storage: string;
  readonly afterCheckpoint: AfterCheckpoint;
  readonly tcp: TcpPolicy;
}

/** What a run works with. */
export interface OperationServices {
  readonly catalog: Catalog;
  readonly delivery: StepDelivery;
  readonly defaults: OperationDefaults;
  /** The storages of the configuration, as the server sees them. */
  readonly storages: ReadonlyMap<string, StorageProvider>;
  readonly logger: Logger;
  /** When the server started, in ms since the epoch. */
  readonly startedAt: number;
  /** Told of each storage that has a new checkpoint. */
  readonly onSeal?: ((storage: string) => void) | undefined;
}

/** How a step is run. */
export interface StepOptions {
  /** Part of a compensation, or behind the point of no return: a cancel does not stop it. */
  readonly committed?: boolean | undefined;
  /** Tried up to three times when the error may pass. */
  readonly retry?: boolean | undefined;
}

/**
 * One operation under way. A program calls `step` for everything that happens on a node; the journal makes the program
 * repeatable: run again after a crash it gets the results of the steps that are done and goes on with the others.
 */
export class OperationRun {
  constructor(
    readonly operation: OperationStatus,
    private readonly services: OperationServices,
    /** Aborted when somebody cancels the operation. */
    readonly cancelled: AbortSignal,
    /** Aborted when the coordinator stops; the operation goes on later. */
    private readonly stopped: AbortSignal,
  ) {}

  get catalog(): Catalog {
    return this.services.catalog;
  }

  get defaults(): OperationDefaults {
    return this.services.defaults;
  }

  get stopSignal(): AbortSignal {
    return this.stopped;
  }

  /** Id of the checkpoint that this operation makes. */
  get checkpointId(): string {
    return this.operation.id.replace(/^op-/, 'ck-');
  }

  /** Runs `action` on a node, once, and returns its output. */
  async step<T>(name: string, node: string, action: string, input: Json, options: StepOptions = {}): Promise<T> {
    for (let attempt = 0; ; attempt += 1) {
      const stepName = attempt === 0 ? name : `${name}-try-${attempt + 1}`;
      const pause = RETRY_PAUSES_MS[attempt];
      try {
        return await this.#once<T>(stepName, node, action, input, options);
      } catch (error) {
        const retry = options.retry === true && pause !== undefined && (error as GritError).retryable;
        if (!retry || (this.cancelled.aborted && options.committed !== true)) throw error;
        this.services.logger.warn('step failed, trying again', { operation: this.operation.id, step: stepName });
        await delay(pause, undefined, { signal: this.stopped });
      }
    }
  }

  /** Does something on the server as a step of the journal. */
  async local<T extends Json>(name: string, work: () => Promise<T>): Promise<T> {
    const record = this.catalog.startStep(this.operation.id, { name, input: null });
    if (record.phase === 'Succeeded') return record.output as T;
    if (record.error !== undefined) throw GritError.fromJSON(record.error);
    const output = await work();
    this.catalog.finishStep(this.operation.id, name, record.token, { output });
    return output;
  }

  /** Takes the workload for this operation; nobody else works on it until the end. */
  lock(workload: WorkloadRef): WorkloadRecord {
    const record = this.catalog.lockWorkload(workload, this.operation.id);
    this.catalog.updateOperation(this.operation.id, { workload, node: record.node });
    return record;
  }

  /** The node, if its agent is there. Agents that the server knows get a moment to come back after its start. */
  async requireNode(name: string): Promise<string> {
    const deadline = this.services.startedAt + AGENTS_RETURN_MS;
    const expected = name === this.defaults.node || this.catalog.getNode(name) !== undefined;
    for (;;) {
      const problem = this.#nodeProblem(name);
      if (problem === undefined) return name;
      if (!expected || Date.now() > deadline) throw problem;
      await delay(AGENT_LOOK_MS, undefined, { signal: this.stopped });
    }
  }

  /** Name of the storage, if the configuration has it. */
  requireStorage(name: string | undefined): string {
    const storage = name ?? this.defaults.storage;
    if (this.services.storages.has(storage)) return storage;
    throw new GritError('GRIT_STORAGE_UNKNOWN', `there is no storage ${storage}`, {
      hint: `Storages of the configuration: ${[...this.services.storages.keys()].join(', ')}.`,
    });
  }

  storage(name: string): StorageProvider {
    this.requireStorage(name);
    return this.services.storages.get(name) as StorageProvider;
  }

  /** The record of the checkpoint, made before anything is dumped. */
  async beginCheckpoint(workload: WorkloadRecord, storage: string): Promise<CheckpointRecord> {
    const id = this.checkpointId;
    this.catalog.updateOperation(this.operation.id, { checkpoint: id });
    return this.catalog.checkpoints.begin(
      { id, workload: workload.workload, node: workload.node, storage, operation: this.operation.id },
      this.operation.id,
      this.stopped,
    );
  }

  /** For whoever keeps the storage within its limits. */
  noticeSeal(storage: string): void {
    this.services.onSeal?.(storage);
  }

  #nodeProblem(name: string): GritError | undefined {
    const node = this.catalog.getNode(name);
    const details = { node: name };
    if (node === undefined) return new GritError('GRIT_NODE_NOT_FOUND', `there is no node ${name}`, { details });
    if (Date.now() - node.lastSeen <= NODE_GONE_MS) return undefined;
    const seen = new Date(node.lastSeen).toISOString();
    return new GritError('GRIT_NODE_GONE', `node ${name} was last seen ${seen}`, { retryable: false, details });
  }

  async #once<T>(name: string, node: string, action: string, input: Json, options: StepOptions): Promise<T> {
    const known = this.catalog.getStep(this.operation.id, name);
    if (known === undefined && this.cancelled.aborted && options.committed !== true) {
      throw new GritError('GRIT_OPERATION_CANCELLED', `cancelled before ${name}`);
    }
    const record = this.catalog.startStep(this.operation.id, { name, node, input: { action, ...(input as object) } });
    const never = new AbortController().signal;
    const done = await this.services.delivery.run(
      record,
      options.committed === true ? never : this.cancelled,
      this.stopped,
    );
    if (done.error !== undefined) throw GritError.fromJSON(done.error);
    return done.output as T;
  }
}
