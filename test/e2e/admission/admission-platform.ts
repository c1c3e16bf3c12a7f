// SPDX-License-Identifier: Apache-2.0
import {
  admissionController,
  CHECKPOINTS,
  GRIT_NODES,
  Informer,
  isInForce,
  KubeClient,
  KEYS,
  kubernetesConfig,
  NAMESPACES,
  NODES,
  openCertificates,
  PODS,
  RESTORES,
  SecretCertificates,
  startAdmission,
  STORES,
  type AdmissionContext,
  type KubeObject,
  type ResourceType,
  type WebhookServer,
} from '@grit/plugin-kubernetes';
import { MemoryLogger } from '@grit/plugin-testing';
import { startCluster, type Cluster } from '../../cluster/index.js';
import { nodeObject } from '../../simulated/node-object.js';
import { installGrit } from '../kubernetes/install.js';
import { FACTS, podObject } from './some-objects.js';
import { until } from './until.js';

const NAMESPACE = 'grit-system';
const SERVICE_ACCOUNTS: ResourceType = typed('v1', 'ServiceAccount', 'serviceaccounts', true);
const RUNTIME_CLASSES: ResourceType = typed('node.k8s.io/v1', 'RuntimeClass', 'runtimeclasses', false);

/** A real API server, and the admission with the rights that it has in a cluster. No other controller runs: tests play their part. */
export class AdmissionPlatform {
  readonly #end: AbortController;
  #server: WebhookServer | undefined;
  #keeping = { end: new AbortController(), done: Promise.resolve() };

  private constructor(
    readonly cluster: Cluster,
    /** With all rights. */
    readonly admin: KubeClient,
    readonly context: AdmissionContext,
    readonly certificates: SecretCertificates,
    end: AbortController,
    server: WebhookServer,
  ) {
    this.#end = end;
    this.#server = server;
  }

  static async start(): Promise<AdmissionPlatform> {
    const signal = AbortSignal.timeout(240_000);
    const cluster = await startCluster({}, signal);
    const end = new AbortController();
    try {
      return await AdmissionPlatform.#startOn(cluster, signal, end);
    } catch (error) {
      end.abort();
      await cluster.stop();
      throw error;
    }
  }

  static async #startOn(cluster: Cluster, starting: AbortSignal, end: AbortController): Promise<AdmissionPlatform> {
    await installGrit(cluster, starting);
    const admin = KubeClient.fromConfig({ kubeconfig: cluster.kubeconfig });
    // Without kubelets it would find the nodes dead, and their pods without owners.
    await cluster.controllerManager.stop();
    const kubeconfig = await cluster.kubeconfigFor({ namespace: NAMESPACE, name: 'grit-controller' });
    const client = KubeClient.fromConfig({ kubeconfig });
    const logger = new MemoryLogger();
    const informers = {
      checkpoints: new Informer(client, CHECKPOINTS, {}, logger),
      restores: new Informer(client, RESTORES, {}, logger),
      stores: new Informer(client, STORES, {}, logger),
      gritNodes: new Informer(client, GRIT_NODES, {}, logger),
      pods: new Informer(client, PODS, {}, logger),
      nodes: new Informer(client, NODES, {}, logger),
    };
    const parts = { client, informers, logger, clock: () => new Date() };
    const certificates = await openCertificates({ ...parts, settings: settingsFor(cluster, 0) }, end.signal);
    if (!(certificates instanceof SecretCertificates)) throw new Error('expected certificates of our own');
    for (const informer of Object.values(informers)) informer.start(end.signal);
    const first = await startAdmission({ ...parts, settings: settingsFor(cluster, 0) }, certificates, end.signal);
    const context = { ...parts, settings: settingsFor(cluster, first.address.port) };
    const platform = new AdmissionPlatform(cluster, admin, context, certificates, end, first);
    await platform.keepWith({});
    await platform.namespace(NAMESPACE);
    await platform.#createWorld();
    return platform;
  }

  get signal(): AbortSignal {
    return this.#end.signal;
  }

  /** Lets the webhook configurations be kept by these settings from now on. */
  async keepWith(changes: Partial<AdmissionContext['settings']>): Promise<void> {
    this.#keeping.end.abort();
    await this.#keeping.done;
    const end = new AbortController();
    const signal = AbortSignal.any([end.signal, this.signal]);
    const context = { ...this.context, settings: { ...this.context.settings, ...changes } };
    this.#keeping = { end, done: admissionController(this.certificates).start(context, signal).run(signal) };
  }

  /** Starts the webhook server again, at the same address. */
  async open(): Promise<void> {
    await until('the address is free', async () => {
      this.#server = await startAdmission(this.context, this.certificates, this.signal).catch(() => undefined);
      return this.#server !== undefined;
    });
  }

  /** Ends it, as when its pod is away. */
  async close(): Promise<void> {
    await this.#server?.close();
    this.#server = undefined;
  }

  async stop(): Promise<void> {
    this.#end.abort();
    await this.close();
    await this.cluster.stop();
  }

  /** A namespace with the account that pods need. */
  async namespace(name: string): Promise<string> {
    await this.#ensure(NAMESPACES, { metadata: { name } });
    await this.#ensure(SERVICE_ACCOUNTS, { metadata: { namespace: name, name: 'default' } });
    return name;
  }

  /** Waits until new pods of the namespace come by the admission because of this Restore. */
  async inForce(namespace: string, restoreName = 'demo'): Promise<void> {
    await until(`admission in force in ${namespace}`, () =>
      isInForce(this.context, namespace, this.signal, restoreName),
    );
  }

  /** Waits until they come by it no more. */
  async notInForce(namespace: string): Promise<void> {
    await until(`admission not in force in ${namespace}`, async () => {
      const pod = await this.admin.create(PODS, podObject(namespace, 'probe'), { dryRun: true }, this.signal);
      return pod.metadata.annotations?.[KEYS.admitted] === undefined;
    });
  }

  /** Creates an object with a status. */
  async create<T extends KubeObject & { readonly status?: unknown }>(type: ResourceType<T>, object: T): Promise<T> {
    const created = await this.admin.create(type, object, {}, this.signal);
    return object.status === undefined ? created : this.setStatus(type, created, object.status);
  }

  async setStatus<T extends KubeObject>(type: ResourceType<T>, object: T, status: unknown): Promise<T> {
    const { namespace, name } = object.metadata;
    const ref = namespace === undefined ? { name } : { namespace, name };
    const now = await this.admin.get(type, ref, this.signal);
    return this.admin.replace(type, { ...now, status }, { subresource: 'status' }, this.signal);
  }

  /** Two nodes alike, one older, one without an agent, and one whose agent cannot work. */
  async #createWorld(): Promise<void> {
    await this.#ensure(RUNTIME_CLASSES, { metadata: { name: 'grit' }, handler: 'grit' });
    for (const name of ['node-a', 'node-b', 'node-old', 'node-bare', 'node-broken']) {
      const node = nodeObject(name, {}, new Date());
      await this.create(NODES, {
        ...node,
        metadata: { ...node.metadata, labels: { ...node.metadata.labels, 'kubernetes.io/hostname': `host-${name}` } },
      });
      if (name === 'node-bare') continue;
      const facts = name === 'node-old' ? { ...FACTS, criu: '4.1.1' } : FACTS;
      const problems = [{ message: 'criu is missing', hint: 'install it' }];
      const status =
        name === 'node-broken' ? { phase: 'NotReady' as const, problems } : { phase: 'Ready' as const, facts };
      await this.create(GRIT_NODES, { ...objectOf(GRIT_NODES, { name }), status });
    }
    await until('the nodes are in the caches', () => {
      const { nodes, gritNodes } = this.context.informers;
      return (
        nodes.list().length === 5 && gritNodes.list().filter(({ status }) => status?.phase !== undefined).length === 4
      );
    });
  }

  async #ensure(type: ResourceType, object: KubeObject & Record<string, unknown>): Promise<void> {
    const { namespace, name } = object.metadata;
    const ref = namespace === undefined ? { name } : { namespace, name };
    if ((await this.admin.find(type, ref, this.signal)) !== undefined) return;
    await this.admin.create(type, { ...objectOf(type, object.metadata), ...object }, {}, this.signal);
  }
}

function objectOf<M extends KubeObject['metadata']>(type: ResourceType, metadata: M) {
  return { apiVersion: type.apiVersion, kind: type.kind, metadata };
}

function typed(apiVersion: string, kind: string, plural: string, namespaced: boolean): ResourceType {
  return { apiVersion, kind, plural, namespaced };
}

/** With port 0 the server takes a free one. GPU profiles are in force: they touch no pod without their label. */
function settingsFor({ address }: Cluster, port: number): AdmissionContext['settings'] {
  const url = port === 0 ? `https://${address}` : `https://${address}:${port}`;
  return kubernetesConfig({
    namespace: NAMESPACE,
    webhook: { host: address, port, url },
    gpuProfiles: { enabled: true },
  });
}
