// SPDX-License-Identifier: Apache-2.0
import { mkdtemp, rm } from 'node:fs/promises';
import { EmbeddedRedis, openJobQueue } from '@grit/queue';
import type { JobQueue, JsonObject, Logger } from '@grit/plugin-api';
import {
  GRIT_NODES,
  KubeClient,
  STORES,
  type CheckpointStoreSpec,
  type KubeObject,
  type ObjectRef,
  type ResourceType,
} from '@grit/plugin-kubernetes';
import { MemoryLogger } from '@grit/plugin-testing';
import type { SimulatedNodeShape } from '../../simulated/node-object.js';
import type { Observer } from '../../simulated/observer.js';
import { SimulatedAgents, type SimulatedAgentsOptions } from '../../simulated/simulated-agents.js';
import { simulatedHandlers, type SimulatedHandlersOptions } from '../../simulated/simulated-handlers.js';
import { SimulatedNodes } from '../../simulated/simulated-nodes.js';
import { SimulatedStore } from '../../simulated/simulated-store.js';
import { StepBarriers } from '../../simulated/step-barriers.js';
import { startCluster, type Cluster } from '../../cluster/index.js';
import { ControllerProcess } from './controller-process.js';
import { installGrit } from './install.js';
import { ObjectWatch } from './object-watch.js';

export const NAMESPACE = 'grit-system';
/** Longest wait for anything: machines that run tests are slow and busy. */
const PATIENCE_MS = 240_000;

export interface KubePlatformOptions {
  /** Default: one of its own, control plane only, that ends with the platform. */
  readonly cluster?: Cluster;
  /** Names of the simulated nodes; default `sim-a`, `sim-b`, `sim-c`. */
  readonly nodes?: readonly string[];
  readonly shape?: (node: string) => SimulatedNodeShape;
  readonly facts?: SimulatedAgentsOptions['facts'];
  /** From the deletion of a pod to the end of its processes, milliseconds. */
  readonly graceMs?: number;
  /** Sizes, rates and failures of the simulated agents. */
  readonly agents?: Pick<SimulatedHandlersOptions, 'bytes' | 'bytesPerSecond' | 'failures' | 'probe'>;
  readonly onJob?: SimulatedAgentsOptions['onJob'];
  /** `config` of the plugin, laid over what the platform sets. */
  readonly config?: JsonObject;
  /** Default true: a CheckpointStore `default` that everybody uses who names none. */
  readonly store?: boolean;
  /** Default true; false: no controller until `startController`. */
  readonly controller?: boolean;
}

/** Everything real, with simulated nodes: API server, Redis, the controller in a process of its own with its own rights, agents with theirs. */
export class KubePlatform {
  readonly controllers: ControllerProcess[] = [];
  readonly barriers = new StepBarriers();
  readonly images = new SimulatedStore();
  readonly #stops: (() => Promise<unknown>)[] = [];
  readonly #clients: KubeClient[] = [];
  readonly #end = new AbortController();
  #parts: Parts | undefined;

  private constructor(private readonly options: KubePlatformOptions) {}

  static async start(options: KubePlatformOptions): Promise<KubePlatform> {
    const platform = new KubePlatform(options);
    try {
      await platform.#start();
      return platform;
    } catch (error) {
      const tails = await Promise.all(platform.controllers.map((controller) => controller.logTail()));
      await platform.stop();
      throw new Error(`the platform did not start\n${tails.join('\n')}`, { cause: error });
    }
  }

  get cluster(): Cluster {
    return this.#of('cluster');
  }

  /** With all rights. */
  get client(): KubeClient {
    return this.#of('client');
  }

  get queue(): JobQueue {
    return this.#of('queue');
  }

  get nodes(): SimulatedNodes {
    return this.#of('nodes');
  }

  get agents(): SimulatedAgents {
    return this.#of('agents');
  }

  get observer(): Observer {
    return this.nodes.observer;
  }

  /** State directory of the embedded Redis. */
  get directory(): string {
    return this.#of('directory');
  }

  /** The first one. */
  get controller(): ControllerProcess {
    const [first] = this.controllers;
    if (first === undefined) throw new Error('no controller was started');
    return first;
  }

  /** Another replica. */
  async startController(
    name = `controller-${this.controllers.length}`,
    more: { readonly config?: JsonObject; readonly env?: Readonly<Record<string, string>> } = {},
  ): Promise<ControllerProcess> {
    const { cluster, directory } = this;
    const controller = await ControllerProcess.make({
      name,
      directory,
      redisOf: directory,
      kubeconfig: await cluster.kubeconfigFor({ namespace: NAMESPACE, name: 'grit-controller' }),
      address: cluster.address,
      config: { ...this.options.config, ...more.config },
      ...(more.env === undefined ? {} : { env: more.env }),
    });
    this.controllers.push(controller);
    await controller.start();
    return controller;
  }

  kubectl(...args: string[]): Promise<string> {
    return this.cluster.kubectl(...args);
  }

  create<T extends KubeObject>(type: ResourceType<T>, object: Omit<T, 'apiVersion' | 'kind'>): Promise<T> {
    const whole = { apiVersion: type.apiVersion, kind: type.kind, ...object } as unknown as T;
    return this.client.create(type, whole, {}, this.#end.signal);
  }

  /** Waits by watch; the error has the object, the controllers' last lines and what the nodes did. */
  until<T extends KubeObject>(
    type: ResourceType<T>,
    ref: ObjectRef,
    what: string,
    predicate: (object: T) => boolean,
    withinMs = PATIENCE_MS,
  ): Promise<T> {
    const there = (object: T | undefined): boolean => object !== undefined && predicate(object);
    const name = `${type.kind} ${ref.namespace ?? ''}/${ref.name} ${what}`;
    return this.#explained(async () => {
      const object = await this.#of('watch').until(type, ref, name, there, withinMs);
      if (object === undefined) throw new Error(`${name}: it is gone`);
      return object;
    });
  }

  untilGone<T extends KubeObject>(type: ResourceType<T>, ref: ObjectRef, withinMs = PATIENCE_MS): Promise<void> {
    const name = `${type.kind} ${ref.namespace ?? ''}/${ref.name} is gone`;
    const gone = (object: T | undefined): boolean => object === undefined;
    return this.#explained(async () => {
      await this.#of('watch').until(type, ref, name, gone, withinMs);
    });
  }

  untilAll<T extends KubeObject>(
    type: ResourceType<T>,
    what: string,
    predicate: (objects: readonly T[]) => boolean,
    withinMs = PATIENCE_MS,
  ): Promise<readonly T[]> {
    return this.#explained(() => this.#of('watch').untilAll(type, what, predicate, withinMs));
  }

  /** Waits until the object's phase is one of these. */
  untilPhase<T extends KubeObject & { readonly status?: { readonly phase?: string | undefined } }>(
    type: ResourceType<T>,
    ref: ObjectRef,
    ...phases: string[]
  ): Promise<T> {
    return this.until(type, ref, `is ${phases.join(' or ')}`, ({ status }) => phases.includes(status?.phase ?? ''));
  }

  /** Ends everything, whatever state it is in. */
  async stop(): Promise<void> {
    this.barriers.openAll();
    this.#end.abort();
    for (const controller of this.controllers) await controller.kill();
    for (const stop of this.#stops.splice(0).reverse()) await stop();
  }

  async #start(): Promise<void> {
    const { options, barriers, images } = this;
    const { signal } = this.#end;
    const logger: Logger = new MemoryLogger();
    const cluster = options.cluster ?? (await startCluster({ nodes: [] }, signal));
    if (options.cluster === undefined) this.#stops.push(() => cluster.stop());
    // Short: the paths of sockets are limited to 107 bytes.
    const directory = await mkdtemp('/var/tmp/grit-');
    this.#stops.push(() => rm(directory, { recursive: true, force: true }));
    await installGrit(cluster, signal);
    const redis = await EmbeddedRedis.start({ stateDirectory: directory }, signal);
    this.#stops.push(() => redis.stop());
    const queue = await openJobQueue(redis.endpoint);
    this.#stops.push(() => queue.close());
    // After everything that is started from here on: closing waits for requests under way.
    this.#stops.push(() => Promise.all(this.#clients.map((each) => each.close())));

    const client = this.#client(cluster.kubeconfig, 'tests');
    const watch = new ObjectWatch(client, logger);
    this.#stops.push(async () => watch.stop());
    const names = options.nodes ?? ['sim-a', 'sim-b', 'sim-c'];
    const { shape, graceMs, facts, onJob } = options;
    const kubelets = this.#client(cluster.kubeconfig, 'simulated-kubelets');
    const nodes = await SimulatedNodes.start(
      { client: kubelets, names, barriers, logger, ...defined({ shape, graceMs }) },
      signal,
    );
    this.#stops.push(() => nodes.stop());
    const rights = await agentRights(cluster, names);
    const agents = new SimulatedAgents({
      client: (node) => this.#client(rights.get(node) ?? '', 'grit-agent'),
      queue,
      nodes: names,
      handlers: (node) =>
        simulatedHandlers(node, { kubelets: nodes.kubelets, store: images, barriers, ...options.agents }),
      namespace: NAMESPACE,
      logger,
      ...defined({ facts, onJob }),
    });
    this.#stops.push(() => agents.stop());
    this.#parts = { cluster, client, queue, nodes, agents, watch, directory };

    agents.start();
    if (options.controller === false) return;
    await this.startController();
    await this.untilAll(GRIT_NODES, 'all nodes are ready', (all) => {
      return names.every((name) =>
        all.some(({ metadata, status }) => metadata.name === name && status?.phase === 'Ready'),
      );
    });
    if (options.store === false) return;
    await this.#createStore();
  }

  async #createStore(): Promise<void> {
    const spec: CheckpointStoreSpec = { plugin: 'storage-pvc', config: { path: '/var/lib/grit/store' } };
    const metadata = { name: 'default', annotations: { 'grit.dev/is-default-store': 'true' } };
    await this.create(STORES, { metadata, spec });
    await this.untilPhase(STORES, metadata, 'Ready');
  }

  #client(kubeconfig: string, userAgent: string): KubeClient {
    const client = KubeClient.fromConfig({ kubeconfig, userAgent, maxConcurrent: 64 });
    this.#clients.push(client);
    return client;
  }

  #of<K extends keyof Parts>(part: K): Parts[K] {
    if (this.#parts === undefined) throw new Error('the platform has not started');
    return this.#parts[part];
  }

  async #explained<T>(wait: () => Promise<T>): Promise<T> {
    try {
      return await wait();
    } catch (error) {
      const logs = await Promise.all(
        this.controllers.map(async (controller) => `${controller.name}:\n${await controller.logTail(40)}`),
      );
      const history = this.observer.history.slice(-40).join('\n');
      throw new Error(`${String(error)}\n${logs.join('\n')}\nnodes:\n${history}`, { cause: error });
    }
  }
}

interface Parts {
  readonly cluster: Cluster;
  readonly client: KubeClient;
  readonly queue: JobQueue;
  readonly nodes: SimulatedNodes;
  readonly agents: SimulatedAgents;
  readonly watch: ObjectWatch;
  readonly directory: string;
}

/** See {@link KubePlatform}. */
export function startKubePlatform(options: KubePlatformOptions = {}): Promise<KubePlatform> {
  return KubePlatform.start(options);
}

/** Kubeconfigs of the agents, each bound to its node. Some at a time: each starts a kubectl. */
async function agentRights(cluster: Cluster, nodes: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const rights = new Map<string, string>();
  const left = [...nodes];
  const worker = async (): Promise<void> => {
    for (let node = left.pop(); node !== undefined; node = left.pop()) {
      rights.set(node, await cluster.kubeconfigFor({ namespace: NAMESPACE, name: 'grit-agent' }, { node }));
    }
  };
  await Promise.all(Array.from({ length: 4 }, worker));
  return rights;
}

/** Without the keys whose value is undefined. */
function defined<T extends object>(of: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(of).filter(([, value]) => value !== undefined)) as never;
}
