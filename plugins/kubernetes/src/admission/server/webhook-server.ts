// SPDX-License-Identifier: Apache-2.0
import type { Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Logger } from '@grit/plugin-api';
import Fastify, { type FastifyInstance, type RawServerDefault } from 'fastify';
import type { KeyPair } from '../certificates/issue.js';
import { parseReview, type AdmissionHandler } from './admission-review.js';
import { answerReview } from './answer-review.js';
import { UnusedConnections } from './unused-connections.js';

/** A request holds an object twice, each at most 1.5 MiB in etcd, as JSON. */
const BODY_LIMIT = 8 * 1024 * 1024;
const REQUEST_TIMEOUT_MS = 30_000;
/** Longer than API servers keep an unused connection, so that they and not we close it. */
const KEEP_ALIVE_MS = 180_000;
/** How long requests under way may take when the server ends. */
const CLOSE_MS = 10_000;

export interface WebhookServerOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** The certificate for new connections from now on. */
  readonly tls: () => KeyPair;
  /** By path. */
  readonly handlers: Readonly<Record<string, AdmissionHandler>>;
  /** Why it cannot answer yet; undefined when it can. For /readyz. */
  readonly notReady?: () => string | undefined;
  readonly logger: Logger;
}

/** A listening server. */
export interface WebhookServer {
  readonly address: { readonly host: string; readonly port: number };
  /** Takes the certificate anew. Connections that are open go on with the old one. */
  reload(): void;
  /** Takes no more, and lets what is under way finish. */
  close(): Promise<void>;
}

/** Serves admission reviews over https, and /healthz and /readyz. */
export async function startWebhookServer(options: WebhookServerOptions): Promise<WebhookServer> {
  const { host, port, tls, handlers, logger } = options;
  const app = Fastify({
    https: { ...tls(), minVersion: 'TLSv1.2' },
    bodyLimit: BODY_LIMIT,
    requestTimeout: REQUEST_TIMEOUT_MS,
    connectionTimeout: 0,
    keepAliveTimeout: KEEP_ALIVE_MS,
    forceCloseConnections: 'idle',
    // What comes on an open connection while the server ends is answered all the same.
    return503OnClosing: false,
  });
  const server: Server = app.server;
  for (const [path, handler] of Object.entries(handlers)) serveReviews(app, path, handler, logger);
  serveHealth(app, options.notReady);
  const unused = new UnusedConnections(server);
  app.addHook('onRequest', async ({ raw }) => unused.use(raw.socket));
  await app.listen({ host, port });
  const address = server.address() as AddressInfo;
  logger.info('admission server listens', { host: address.address, port: address.port });
  return {
    address: { host: address.address, port: address.port },
    reload: () => server.setSecureContext({ ...tls(), minVersion: 'TLSv1.2' }),
    close: async () => {
      const closed = app.close();
      unused.close();
      const late = setTimeout(() => server.closeAllConnections(), CLOSE_MS);
      await closed.finally(() => clearTimeout(late));
    },
  };
}

type App = FastifyInstance<Server & RawServerDefault>;

function serveReviews(app: Pick<App, 'post'>, path: string, handler: AdmissionHandler, logger: Logger): void {
  app.post(path, async (request, reply) => {
    const admission = parseReview(request.body);
    if (admission === undefined) {
      return reply.code(400).send({ message: 'expected an AdmissionReview of admission.k8s.io/v1 with an object' });
    }
    return answerReview(handler, admission, logger);
  });
}

function serveHealth(app: Pick<App, 'get'>, notReady: (() => string | undefined) | undefined): void {
  app.get('/healthz', () => 'ok');
  app.get('/readyz', (_, reply) => {
    const why = notReady?.();
    return why === undefined ? reply.send('ok') : reply.code(503).send(why);
  });
}
