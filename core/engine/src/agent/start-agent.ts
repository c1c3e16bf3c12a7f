// SPDX-License-Identifier: Apache-2.0
import { mkdir } from 'node:fs/promises';
import { openJobQueue } from '@grit/queue';
import { coreServices, pluginServices, provide } from '@grit/plugin-api';
import { AgentClient } from '../api/client/agent-client.js';
import { bind, buildContainer } from '../container/build-container.js';
import { JsonLogger } from '../container/json-logger.js';
import { createToken } from '../container/token.js';
import { TOKENS } from '../container/tokens.js';
import { PluginHost } from '../host/plugin-host.js';
import { Cleanups } from '../server/cleanups.js';
import { loadPlatformConfig, type EngineOptions } from '../server/engine-options.js';
import { queueEndpoint } from '../server/queue-endpoint.js';
import { StatePaths } from '../server/state-paths.js';
import { Agent } from './agent.js';
import { dataPlaneOf } from './data-plane.js';
import { ImageCache } from './image-cache.js';
import { NodeDirectories } from './node-directories.js';
import { PluginNodeSteps, type NodeStepServices } from './plugin-node-steps.js';
import { imageCacheLimits } from './trim-images.js';

/** What an agent is started with. */
export interface AgentOptions extends EngineOptions {
  /** The server's socket; without it the agent takes its orders through plugins, as those of a cluster do. */
  readonly server?: string | undefined;
}

/** A running agent. */
export interface RunningAgent {
  readonly node: string;
  /** Never throws; workloads go on. */
  stop(): Promise<void>;
}

const AGENT = createToken<Agent>('Agent');

/** Starts the agent of a node and returns when the server, if it has one, knows it. */
export async function startAgent(options: AgentOptions, signal: AbortSignal): Promise<RunningAgent> {
  const { server } = options;
  const platform = server === undefined ? new StatePaths(options.stateDirectory) : StatePaths.ofServerSocket(server);
  const config = await loadPlatformConfig(options, platform);
  const node = options.node ?? config.config.node.name;
  const root = new StatePaths(options.stateDirectory).node(node);
  await mkdir(root, { recursive: true, mode: 0o700 });
  const cleanups = new Cleanups();
  try {
    const logger = new JsonLogger({
      level: options.logLevel ?? config.config.log.level,
      write: options.writeLog,
      redact: config.redact,
      fields: { role: 'agent', node },
    });
    const host = new PluginHost({ config, role: 'agent', node, stateDirectory: root, logger });
    const onError = (error: Error): void => logger.debug('queue', { reason: error.message });
    const queue = options.queue ?? (await openJobQueue(queueEndpoint(config.config, platform), { onError }));
    if (options.queue === undefined) cleanups.add(() => queue.close());
    const directories = new NodeDirectories(root);
    const images = new ImageCache(directories, imageCacheLimits(config.config.node.imageCache), logger);
    // Ended after the plugins, whose steps stop first: a fetch that breaks off under a step is a failure of the step.
    cleanups.add(() => images.close());
    const started = Promise.withResolvers<NodeStepServices>();
    const steps = new PluginNodeSteps(started.promise);
    await host.start(signal, [provide(coreServices.queue, queue), provide(coreServices.nodeSteps, steps)]);
    cleanups.add(() => host.stop());
    await images.trim();
    const services: NodeStepServices = {
      node,
      driver: host.get(pluginServices.runtimeDriver),
      launcher: host.find(pluginServices.workloadLauncher),
      storages: host.all(pluginServices.storageProvider),
      factories: host.all(pluginServices.storageFactory),
      directories,
      images,
      dataPlane: dataPlaneOf(config.config.node.dataPlane),
      logger,
    };
    started.resolve(services);
    if (server === undefined) return { node, stop: () => cleanups.run(true, logger) };
    const components = buildContainer([
      bind(TOKENS.logger, () => logger),
      bind(TOKENS.jobQueue, () => queue),
      bind(TOKENS.pluginHost, () => host),
      bind(TOKENS.agentApi, () => new AgentClient(server)),
      bind(AGENT, ({ get }) => new Agent(services, get(TOKENS.agentApi), get(TOKENS.jobQueue), host.reports())),
    ]);
    const agent = components.get(AGENT);
    await agent.start(signal);
    cleanups.add(() => agent.stop());
    logger.info('agent started', { pid: process.pid });
    return { node, stop: () => cleanups.run(true, logger) };
  } catch (error) {
    await cleanups.run(true);
    throw error;
  }
}
