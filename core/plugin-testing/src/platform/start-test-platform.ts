// SPDX-License-Identifier: Apache-2.0
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  PlatformClient,
  startAgent,
  startServer,
  type EngineOptions,
  type PlatformApi,
  type RunningAgent,
} from '@grit/core';
import {
  API_VERSION,
  GritError,
  isFinal,
  type JobQueue,
  type OperationRequest,
  type OperationStatus,
  type StorageProvider,
  type Trigger,
} from '@grit/plugin-api';
import { MemoryJobQueue } from '@grit/queue';
import { MemoryRuntimeDriver } from '../runtime/memory-runtime-driver.js';
import { MemoryStorage } from '../storage/memory-storage.js';

import { writeTestConfig, type TestPlugin, type TestRuntime } from './test-config.js';

/** Choices of {@link startTestPlatform}. */
export interface TestPlatformOptions {
  /** `redis` (default) starts one; `memory` does without. */
  readonly queue?: 'redis' | 'memory' | undefined;
  /** Nodes, each with an agent; default `['a']`. The first is the server's. */
  readonly nodes?: readonly string[] | undefined;
  /** Makes the runtime of a node; default a {@link MemoryRuntimeDriver}. Called once for each node. */
  readonly runtime?: ((node: string) => TestRuntime) | undefined;
  /** Where images go; default in memory. */
  readonly storage?: StorageProvider | undefined;
  /** Triggers of this process, by their names. */
  readonly triggers?: Readonly<Record<string, Trigger>> | undefined;
  /** More plugins, as in grit.yaml. */
  readonly plugins?: Readonly<Record<string, TestPlugin>> | undefined;
  /** Path of a grit.yaml that everything else is laid over. */
  readonly config?: string | undefined;
}

/** A request without the version. */
export type TestRequest = OperationRequest extends infer R ? (R extends R ? Omit<R, 'apiVersion'> : never) : never;

/** A whole platform in this process. */
export interface TestPlatform {
  /** The platform over its socket, as the command line has it. */
  readonly client: PlatformApi;
  readonly stateDirectory: string;
  /** JSON lines of server and agents. */
  readonly log: readonly string[];
  /** Submits a request and waits for its end, good or bad. */
  run(request: TestRequest): Promise<OperationStatus>;
  /** The runtime of a node. */
  runtime(node: string): TestRuntime;
  /** Ends the agent of a node; its workloads stay. */
  stopAgent(node: string): Promise<void>;
  startAgent(node: string): Promise<void>;
  /** Ends everything and removes the state directory. */
  stop(): Promise<void>;
}

/**
 * Starts server, agents, API and queue in this process, on a state directory of their own.
 *
 * @example
 * ```ts
 * const platform = await startTestPlatform({ plugins: { mine: { use: '/path/to/package' } } });
 * await platform.run({ kind: 'run', spec: { name: 'train', command: ['count'] } });
 * await platform.stop();
 * ```
 */
export async function startTestPlatform(options: TestPlatformOptions = {}): Promise<TestPlatform> {
  const platform = new InProcessPlatform(await mkdtemp(join(tmpdir(), 'grit-platform-')), options);
  try {
    await platform.start();
    return platform;
  } catch (error) {
    await platform.stop();
    throw error;
  }
}

class InProcessPlatform implements TestPlatform {
  readonly log: string[] = [];
  readonly #nodes: readonly string[];
  readonly #agents = new Map<string, RunningAgent>();
  readonly #runtimes = new Map<string, TestRuntime>();
  readonly #ended = new AbortController();
  /** In the order in which they were started. */
  readonly #cleanups: (() => Promise<void> | void)[] = [];
  #engine: EngineOptions | undefined;
  #client: PlatformClient | undefined;
  #socket = '';

  constructor(
    readonly stateDirectory: string,
    private readonly options: TestPlatformOptions,
  ) {
    this.#nodes = options.nodes ?? ['a'];
    this.#cleanups.push(() => rm(stateDirectory, { recursive: true, force: true }));
  }

  get client(): PlatformApi {
    if (this.#client) return this.#client;
    throw new GritError('GRIT_SERVER_UNAVAILABLE', 'the test platform is not started');
  }

  async start(): Promise<void> {
    const { storage = new MemoryStorage(), triggers = {}, plugins = {}, config } = this.options;
    const given = { storage, triggers, plugins, runtime: (node: string) => this.runtime(node) };
    const { path, takeBack } = await writeTestConfig(this.stateDirectory, given);
    this.#cleanups.push(takeBack);
    const queue = this.options.queue === 'memory' ? this.#memoryQueue() : undefined;
    this.#engine = {
      stateDirectory: this.stateDirectory,
      configPaths: config === undefined ? [path] : [config, path],
      writeLog: (line) => this.log.push(line),
      logLevel: 'debug',
      queue,
    };
    const server = await startServer({ ...this.#engine, node: this.#nodes[0] }, this.#ended.signal);
    this.#cleanups.push(() => server.stop({ all: true }));
    this.#socket = server.socketPath;
    this.#client = new PlatformClient(server.socketPath);
    this.#cleanups.push(async () => {
      for (const node of this.#agents.keys()) await this.stopAgent(node);
    });
    for (const node of this.#nodes) await this.startAgent(node);
  }

  async run(request: TestRequest): Promise<OperationStatus> {
    const { signal } = this.#ended;
    const { id } = await this.client.submit({ apiVersion: API_VERSION, ...request }, signal);
    for await (const status of this.client.watch(id, signal)) if (isFinal(status.phase)) return status;
    return this.client.get(id, signal);
  }

  runtime(node: string): TestRuntime {
    const known = this.#runtimes.get(node);
    if (known) return known;
    const made = this.options.runtime?.(node) ?? new MemoryRuntimeDriver();
    this.#runtimes.set(node, made);
    return made;
  }

  async startAgent(node: string): Promise<void> {
    if (this.#engine === undefined || this.#agents.has(node)) return;
    this.#agents.set(node, await startAgent({ ...this.#engine, node, server: this.#socket }, this.#ended.signal));
  }

  async stopAgent(node: string): Promise<void> {
    const agent = this.#agents.get(node);
    this.#agents.delete(node);
    await agent?.stop();
  }

  async stop(): Promise<void> {
    for (const cleanup of this.#cleanups.splice(0).reverse()) await cleanup();
    this.#ended.abort();
  }

  #memoryQueue(): JobQueue {
    const queue = new MemoryJobQueue();
    this.#cleanups.push(() => queue.close());
    return queue;
  }
}
