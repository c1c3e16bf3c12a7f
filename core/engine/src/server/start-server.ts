// SPDX-License-Identifier: Apache-2.0
import { mkdir } from 'node:fs/promises';
import { EmbeddedRedis, openJobQueue } from '@grit/queue';
import { GritError, coreServices, pluginServices, provide, type JobQueue } from '@grit/plugin-api';
import { PluginNodeSteps } from '../agent/plugin-node-steps.js';
import { serveApi } from '../api/serve-api.js';
import type { PlatformApi, ServerStatus } from '../api/platform-api.js';
import { SqliteCatalog } from '../catalog/sqlite-catalog.js';
import { bind, buildContainer } from '../container/build-container.js';
import { JsonLogger } from '../container/json-logger.js';
import { createToken } from '../container/token.js';
import { TOKENS } from '../container/tokens.js';
import { Coordinator } from '../coordinator/coordinator.js';
import { StepDelivery } from '../coordinator/step-delivery.js';
import { policiesOf } from '../retention/policies-of.js';
import { Retention } from '../retention/retention.js';
import { GRIT_VERSION } from '../host/grit-version.js';
import { PluginHost } from '../host/plugin-host.js';
import { AgentProcess } from './agent-process.js';
import { Agents } from './agents.js';
import { Cleanups } from './cleanups.js';
import { loadPlatformConfig, type EngineOptions } from './engine-options.js';
import { Platform } from './platform.js';
import { queueEndpoint } from './queue-endpoint.js';
import { StatePaths } from './state-paths.js';
import { Triggers } from './triggers.js';

/** What a server is started with. */
export interface ServerOptions extends EngineOptions {
  /** Program and arguments that run the agent of the server's node; without it the server has no agent of its own. */
  readonly agentCommand?: readonly [string, ...string[]] | undefined;
  /** Called when somebody asks for the end over the API. */
  readonly onShutdown?: (() => void) | undefined;
}

/** A running server. */
export interface RunningServer {
  readonly platform: PlatformApi;
  readonly socketPath: string;
  readonly node: string;
  /**
   * Lets go of everything. `all`: ends the agent and the embedded Redis too; workloads go on in any case.
   * Never throws.
   */
  stop(options: { readonly all: boolean }): Promise<void>;
}

const QUEUE_ANSWER_MS = 1_000;

const DELIVERY = createToken<StepDelivery>('StepDelivery');
const AGENTS = createToken<Agents>('Agents');

/** Starts the server: configuration, catalog, queue, plugins, coordinator, API, agent; in this order, and nothing after a failure. */
export async function startServer(options: ServerOptions, signal: AbortSignal): Promise<RunningServer> {
  const paths = new StatePaths(options.stateDirectory);
  const config = await loadPlatformConfig(options, paths);
  const { node: configured, log, queue: queueConfig, catalog: catalogConfig, defaults } = config.config;
  const node = options.node ?? configured.name;
  await mkdir(paths.run, { recursive: true, mode: 0o700 });
  const cleanups = new Cleanups();
  try {
    const logger = new JsonLogger({
      level: options.logLevel ?? log.level,
      write: options.writeLog,
      redact: config.redact,
      fields: { role: 'server' },
    });
    const host = new PluginHost({ config, role: 'server', node, stateDirectory: paths.root, logger });
    // First the catalog: it knows whether another server is at work on this state directory.
    const catalog = new SqliteCatalog(catalogConfig.path);
    cleanups.add(() => catalog.close());
    // A configuration that cannot work starts no Redis.
    await host.check();
    const embedded = options.queue === undefined && queueConfig.redis === 'embedded';
    const redis = embedded ? await EmbeddedRedis.start({ stateDirectory: paths.root }, signal) : undefined;
    cleanups.add((all) => (all ? redis?.stop() : redis?.release()));
    const onError = (error: Error): void => logger.debug('queue', { reason: error.message });
    const queue = options.queue ?? (await openJobQueue(queueEndpoint(config.config, paths), { onError }));
    if (options.queue === undefined) cleanups.add(() => queue.close());
    const noSteps = new PluginNodeSteps(Promise.reject(new GritError('GRIT_UNSUPPORTED', 'a server has no node')));
    await host.start(signal, [provide(coreServices.queue, queue), provide(coreServices.nodeSteps, noSteps)]);
    cleanups.add(() => host.stop());

    const startedAt = Date.now();
    const components = buildContainer([
      bind(TOKENS.config, () => config),
      bind(TOKENS.logger, () => logger),
      bind(TOKENS.catalog, () => catalog),
      bind(TOKENS.jobQueue, () => queue),
      bind(TOKENS.pluginHost, () => host),
      bind(DELIVERY, ({ get }) => new StepDelivery(get(TOKENS.catalog), get(TOKENS.jobQueue), get(TOKENS.logger))),
      bind(AGENTS, ({ get }) => new Agents(get(TOKENS.catalog), get(DELIVERY), get(TOKENS.logger))),
      bind(TOKENS.agentApi, ({ get }) => get(AGENTS)),
      bind(TOKENS.coordinator, ({ get }) => {
        const services = {
          catalog: get(TOKENS.catalog),
          delivery: get(DELIVERY),
          defaults: { ...defaults, node },
          startedAt,
          storages: host.all(pluginServices.storageProvider),
          logger: get(TOKENS.logger),
          onSeal: (storage: string) => retention.noticeSeal(storage),
        };
        return new Coordinator(services, get(TOKENS.jobQueue));
      }),
      bind(TOKENS.platformApi, ({ get }) => {
        const facts = { version: GRIT_VERSION, pid: process.pid, startedAt, stateDirectory: paths.root, node };
        return new Platform(get(TOKENS.catalog), get(TOKENS.coordinator), {
          status: async () => ({ ...facts, queue: await queueState(get(TOKENS.jobQueue)) }),
          plugins: () => [...host.reports(), ...get(AGENTS).plugins],
          shutdown: () => options.onShutdown?.(),
        });
      }),
    ]);

    const coordinator = components.get(TOKENS.coordinator);
    const retention = new Retention({
      catalog,
      operations: coordinator,
      storages: host.all(pluginServices.storageProvider),
      policies: policiesOf(config.config.plugins),
      logger,
    });
    await coordinator.start(signal);
    cleanups.add(() => coordinator.stop());
    retention.start();
    cleanups.add(() => retention.stop());
    const triggers = new Triggers(host.all(pluginServices.trigger), logger);
    await triggers.start(coordinator, signal);
    cleanups.add(() => triggers.stop());
    const platform = components.get(TOKENS.platformApi);
    const api = await serveApi({
      socketPath: paths.serverSocket,
      platform,
      agents: components.get(TOKENS.agentApi),
      logger,
    });
    cleanups.add(() => api.close());
    if (options.agentCommand !== undefined) {
      const agent = new AgentProcess(paths, node, options.agentCommand, logger);
      await agent.start();
      cleanups.add((all) => agent.stop({ agentToo: all }));
    }
    logger.info('server started', { pid: process.pid, socket: paths.serverSocket });
    return { platform, socketPath: paths.serverSocket, node, stop: ({ all }) => cleanups.run(all, logger) };
  } catch (error) {
    await cleanups.run(true);
    throw error;
  }
}

/** Asked of the queue itself: a connection that was there a moment ago says nothing. */
async function queueState(queue: JobQueue): Promise<ServerStatus['queue']> {
  return queue.deadLetters('operations', { limit: 1 }, AbortSignal.timeout(QUEUE_ANSWER_MS)).then(
    () => 'connected' as const,
    () => 'disconnected' as const,
  );
}
