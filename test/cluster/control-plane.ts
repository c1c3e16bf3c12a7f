// SPDX-License-Identifier: Apache-2.0
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { getStatus, type ApiAccess } from './api-request.js';
import type { ClusterService, Etcd } from './cluster.js';
import { ClusterProcess, type Program } from './cluster-process.js';
import type { ClusterRecord } from './cluster-record.js';
import {
  describeApiServer,
  describeControllerManager,
  describeEtcd,
  describeScheduler,
  type ControlPlanePlaces,
} from './control-plane-programs.js';
import type { Credentials } from './credentials.js';
import { compactEtcd, isEtcdReady } from './etcd-requests.js';
import { writeKubeconfig } from './kubeconfig.js';
import { until } from './until.js';

/** etcd, the API server, the controller manager and the scheduler of one cluster. */
export class ControlPlane {
  readonly apiServer: ClusterService;
  readonly etcd: Etcd;
  readonly controllerManager: ClusterService;
  readonly scheduler: ClusterService;
  readonly #etcd: ClusterProcess;
  readonly #apiServer: ClusterProcess;
  readonly #access: ApiAccess;

  constructor(
    record: ClusterRecord,
    private readonly places: ControlPlanePlaces,
    credentials: Credentials,
    /** Aborted when the cluster ends. */
    private readonly signal: AbortSignal,
  ) {
    const { directory, address, port, authority } = places;
    const server = `https://${address}:${port}`;
    this.#access = { server, authority, token: credentials.admin };
    const clientOf = (name: string, token: string): string =>
      writeKubeconfig(join(directory, `${name}.kubeconfig`), { ...this.#access, token });
    const processOf = (program: Program): ClusterProcess => new ClusterProcess(record, program);

    this.#etcd = processOf(describeEtcd(places));
    this.#apiServer = processOf(describeApiServer(places));
    const controllers = clientOf('controller-manager', credentials.controllerManager);
    const scheduler = clientOf('scheduler', credentials.scheduler);
    this.apiServer = serve(this.#apiServer, () => this.#untilReady());
    this.controllerManager = serve(processOf(describeControllerManager(places, controllers)));
    this.scheduler = serve(processOf(describeScheduler(places, scheduler)));
    this.etcd = { restart: ({ compact = false } = {}) => this.#restartEtcd(compact) };
  }

  /** Returns when the API server is ready and pods can be created. */
  async start(): Promise<void> {
    await this.#startEtcd();
    await this.apiServer.start();
    await Promise.all([this.controllerManager.start(), this.scheduler.start()]);
  }

  async #startEtcd(): Promise<void> {
    this.#etcd.start();
    await this.#until('etcd answers', this.#etcd, () => isEtcdReady(this.places.etcdPort));
  }

  async #restartEtcd(compact: boolean): Promise<void> {
    // What the API server holds in memory would answer for the revisions that etcd forgets.
    if (compact) {
      await this.#apiServer.kill();
      await compactEtcd(this.places.etcdPort);
    }
    await this.#etcd.stop();
    await this.#startEtcd();
    await this.apiServer.start();
  }

  async #untilReady(): Promise<void> {
    await this.#until('/readyz is ok', this.#apiServer, async () => {
      return existsSync(this.places.authority) && (await getStatus(this.#access, '/readyz')) === 200;
    });
  }

  async #until(what: string, program: ClusterProcess, condition: () => Promise<boolean>): Promise<void> {
    await until(what, this.signal, async () => {
      program.checkRunning();
      return await condition();
    });
  }
}

function serve(program: ClusterProcess, untilReady = async (): Promise<void> => undefined): ClusterService {
  return {
    start: async () => {
      program.start();
      await untilReady();
    },
    stop: () => program.stop(),
    kill: () => program.kill(),
  };
}
