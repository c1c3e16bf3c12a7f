// SPDX-License-Identifier: Apache-2.0
import { once } from 'node:events';
import { chmod } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { toGritError, type Logger } from '@grit/plugin-api';
import type { AgentApi } from './agent-api.js';
import type { PlatformApi } from './platform-api.js';
import { agentRoutes } from './server/agent-routes.js';
import { answer } from './server/answer.js';
import { alreadyServed, claimSocket } from './server/claim-socket.js';
import { platformRoutes } from './server/platform-routes.js';

const KEEP_ALIVE_MS = 60_000;
const HEARTBEAT_MS = 5_000;
/** How long a request under way may still take when the server ends. */
const CLOSE_MS = 2_000;

/** What is served, and where. */
export interface ServeApiOptions {
  /** Absolute path of the unix socket. */
  readonly socketPath: string;
  readonly platform: PlatformApi;
  readonly agents: AgentApi;
  readonly logger?: Logger | undefined;
  /** Ends the server as `close` does. */
  readonly signal?: AbortSignal | undefined;
  /** Longest silence of a stream, in ms; default 5,000. Clients give a stream up after 15 s. */
  readonly heartbeatMs?: number | undefined;
}

/** A listening API. */
export interface ApiServer {
  readonly socketPath: string;
  /** Takes no more, ends streams, lets the rest finish for two seconds. */
  close(): Promise<void>;
}

/** Serves the platform on a unix socket that only its owner can use. Throws GRIT_SERVER_RUNNING when one is served already. */
export async function serveApi(options: ServeApiOptions): Promise<ApiServer> {
  const { socketPath, logger, heartbeatMs = HEARTBEAT_MS } = options;
  const table = [...platformRoutes(options.platform), ...agentRoutes(options.agents)];
  const ending = new AbortController();
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS, requestTimeout: 60_000 }, (request, response) => {
    void answer(table, request, response, { ending: ending.signal, heartbeatMs }).then((defect) => {
      if (defect === undefined) return;
      const stack = defect.cause instanceof Error ? defect.cause.stack : defect.stack;
      logger?.error('request failed', { path: request.url, stack });
    });
  });
  await claimSocket(socketPath);
  await listen(server, socketPath);
  let closed: Promise<void> | undefined;
  const close = (): Promise<void> => (closed ??= closeServer(server, ending));
  options.signal?.addEventListener('abort', () => void close(), { once: true });
  if (options.signal?.aborted === true) await close();
  return { socketPath, close };
}

async function listen(server: Server, path: string): Promise<void> {
  try {
    server.listen(path);
    await once(server, 'listening');
    await chmod(path, 0o600);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') throw alreadyServed(path, error);
    throw toGritError(error, 'GRIT_SERVER_UNAVAILABLE', `cannot listen on ${path}: ${String(error)}`);
  }
}

async function closeServer(server: Server, ending: AbortController): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  ending.abort();
  server.closeIdleConnections();
  const timer = setTimeout(() => server.closeAllConnections(), CLOSE_MS);
  await closed;
  clearTimeout(timer);
}
