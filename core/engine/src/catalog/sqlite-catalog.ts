// SPDX-License-Identifier: Apache-2.0
import { isFinal, type OperationPhase, type OperationStatus } from '@grit/plugin-api';
import { Audit } from './audit.js';
import type { Catalog, OperationEnd } from './catalog.js';
import { Checkpoints } from './checkpoints.js';
import { Database } from './database.js';
import { Nodes } from './nodes.js';
import { OperationChanges } from './operation-changes.js';
import { Operations } from './operations.js';
import { Steps } from './steps.js';
import { Workloads } from './workloads.js';

/** The arguments of a method of the contract. */
type Args<K extends keyof Catalog> = Catalog[K] extends (...args: infer A) => unknown ? A : never;

/** The catalog of one machine: one SQLite file, owned by one process; a second one gets GRIT_SERVER_RUNNING. */
export class SqliteCatalog implements Catalog {
  readonly checkpoints: Checkpoints;
  readonly #db: Database;
  readonly #changes = new OperationChanges();
  readonly #operations: Operations;
  readonly #steps: Steps;
  readonly #workloads: Workloads;
  readonly #nodes: Nodes;
  readonly #audit: Audit;

  /** @param path the file; it and its directory are made when missing */
  constructor(path: string) {
    this.#db = new Database(path);
    this.#steps = new Steps(this.#db, this.#changes);
    this.#operations = new Operations(this.#db, this.#changes, (id) => this.#steps.statusOf(id));
    this.#workloads = new Workloads(this.#db);
    this.#nodes = new Nodes(this.#db);
    this.#audit = new Audit(this.#db);
    this.checkpoints = new Checkpoints(this.#db);
  }

  createOperation = (...args: Args<'createOperation'>) => this.#operations.create(...args);
  getOperation = (...args: Args<'getOperation'>) => this.#operations.get(...args);
  listOperations = (...args: Args<'listOperations'>) => this.#operations.list(...args);
  updateOperation = (...args: Args<'updateOperation'>) => this.#operations.update(...args);
  requestCancel = (...args: Args<'requestCancel'>) => this.#operations.requestCancel(...args);
  cancelRequested = (...args: Args<'cancelRequested'>) => this.#operations.cancelRequested(...args);
  onChange = (...args: Args<'onChange'>) => this.#changes.listen(...args);

  endOperation(id: string, end: OperationEnd): OperationStatus {
    if (!isFinal(this.#operations.row(id).phase as OperationPhase)) {
      const now = Date.now();
      this.#db.transaction(() => {
        this.#steps.cancelRunning(id, now);
        this.#workloads.unlock(id);
        this.#operations.end(id, end, now);
      });
    }
    return this.#operations.get(id);
  }

  startStep = (...args: Args<'startStep'>) => this.#steps.start(this.#operations, ...args);
  getStep = (...args: Args<'getStep'>) => this.#steps.get(...args);
  claimStep = (...args: Args<'claimStep'>) => this.#steps.claim(...args);
  progressStep = (...args: Args<'progressStep'>) => this.#steps.progress(this.#operations, ...args);
  finishStep = (...args: Args<'finishStep'>) => this.#steps.finish(this.#operations, ...args);
  runningSteps = (...args: Args<'runningSteps'>) => this.#steps.running(...args);

  createWorkload = (...args: Args<'createWorkload'>) => this.#workloads.create(...args);
  getWorkload = (...args: Args<'getWorkload'>) => this.#workloads.get(...args);
  listWorkloads = () => this.#workloads.list();
  updateWorkload = (...args: Args<'updateWorkload'>) => this.#workloads.update(...args);
  lockWorkload = (...args: Args<'lockWorkload'>) => this.#workloads.lock(...args);
  deleteWorkload = (...args: Args<'deleteWorkload'>) => this.#workloads.delete(...args);

  recordNode = (...args: Args<'recordNode'>) => this.#nodes.record(...args);
  touchNode = (...args: Args<'touchNode'>) => this.#nodes.touch(...args);
  getNode = (...args: Args<'getNode'>) => this.#nodes.get(...args);
  listNodes = () => this.#nodes.list();

  audit = (...args: Args<'audit'>) => this.#audit.add(...args);
  listAudit = (...args: Args<'listAudit'>) => this.#audit.list(...args);

  close(): void {
    this.#db.close();
  }
}
