// SPDX-License-Identifier: Apache-2.0
import type { RequestOptions } from 'node:https';
import { KubeConfig } from '@kubernetes/client-node';
import { Agent, ProxyAgent, request, type Dispatcher } from 'undici';
import { GritError } from '@grit/plugin-api';
import { KubeError } from './kube-error.js';
import type { ServerClock } from './server-clock.js';

/** How long headers are used again: tokens in files are renewed by the hour. */
const HEADERS_MS = 10_000;
const CONNECT_MS = 5_000;
/** A peer that is gone without a word is noticed after this and ten probes, a second each. */
const PROBE_AFTER_MS = 15_000;
/** An idle connection is used again for so long; the server keeps it longer. */
const IDLE_MS = 20_000;
/** A kept connection that the server closed meanwhile. */
const BROKEN = new Set(['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET']);

/** One request to the API server. */
export interface TransportRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>> | undefined;
  readonly body?: unknown;
  readonly contentType?: string | undefined;
  /** Longest silence of the server in ms; 0 for none. */
  readonly silenceMs: number;
  readonly signal: AbortSignal;
}

/** Connections to one API server as one user, by client-node's reading of the kubeconfig. */
export class Transport {
  readonly server: string;
  readonly namespace: string;
  readonly #calls: Dispatcher;
  readonly #watches: Dispatcher;
  #headers: { readonly values: Promise<Readonly<Record<string, string>>>; readonly at: number } | undefined;

  private constructor(
    private readonly config: KubeConfig,
    private readonly userAgent: string,
    options: RequestOptions,
    maxConcurrent: number,
    private readonly clock: ServerClock,
  ) {
    const cluster = config.getCurrentCluster();
    this.server = (cluster?.server ?? '').replace(/\/+$/, '');
    this.namespace = config.getContextObject(config.getCurrentContext())?.namespace ?? 'default';
    const { ca, cert, key, pfx, passphrase, rejectUnauthorized, servername } = options;
    const tls = { ca, cert, key, pfx, passphrase, rejectUnauthorized, servername, timeout: CONNECT_MS };
    const given = Object.fromEntries(Object.entries(tls).filter(([, value]) => value !== undefined));
    const connect = { ...given, keepAlive: true, keepAliveInitialDelay: PROBE_AFTER_MS };
    // One connection, one call: a call that is aborted takes its hanging connection along.
    const shared = { allowH2: false, keepAliveTimeout: IDLE_MS, headersTimeout: 0, bodyTimeout: 0 };
    const open = (connections: number | null): Dispatcher => {
      const proxy = cluster?.proxyUrl;
      return proxy === undefined
        ? new Agent({ ...shared, connect, connections })
        : new ProxyAgent({ ...shared, uri: proxy, requestTls: connect, connections });
    };
    this.#calls = open(maxConcurrent);
    this.#watches = open(null);
  }

  /** Reads the kubeconfig. Throws GRIT_KUBE_CONFIG_INVALID. */
  static async open(options: {
    readonly kubeconfig?: string | undefined;
    readonly context?: string | undefined;
    readonly userAgent: string;
    readonly maxConcurrent: number;
    /** Told of the date of each answer. */
    readonly clock: ServerClock;
  }): Promise<Transport> {
    const config = new KubeConfig();
    const https: RequestOptions = {};
    try {
      if (options.kubeconfig === undefined) config.loadFromDefault();
      else config.loadFromFile(options.kubeconfig);
      if (options.context !== undefined) chooseContext(config, options.context);
      const server = config.getCurrentCluster()?.server;
      if (server === undefined) throw new Error('it names no cluster');
      if (!URL.canParse(server)) throw new Error('the address of its cluster is none');
      await config.applyToHTTPSOptions(https);
    } catch (error) {
      const where = options.kubeconfig ?? 'the default kubeconfig';
      throw new GritError('GRIT_KUBE_CONFIG_INVALID', `${where}: ${whyUnreadable(error)}`);
    }
    return new Transport(config, options.userAgent, https, options.maxConcurrent, options.clock);
  }

  /** Sends a request; an answer of any status comes back. Throws a KubeError with status 0 when there is none. */
  async send(call: TransportRequest, watch: boolean): Promise<Dispatcher.ResponseData> {
    const url = new URL(this.server + call.path);
    for (const [name, value] of Object.entries(call.query ?? {})) {
      if (value !== undefined) url.searchParams.set(name, String(value));
    }
    const body = call.body === undefined ? null : JSON.stringify(call.body);
    const once = async (): Promise<Dispatcher.ResponseData> =>
      request(url, {
        method: call.method,
        headers: {
          ...(await this.#auth()),
          accept: 'application/json',
          'user-agent': this.userAgent,
          ...(body === null ? {} : { 'content-type': call.contentType ?? 'application/json' }),
        },
        body,
        dispatcher: watch ? this.#watches : this.#calls,
        headersTimeout: call.silenceMs,
        bodyTimeout: call.silenceMs,
        signal: call.signal,
      });
    const sentAt = performance.now();
    try {
      const answer = await once().catch((error: unknown) => {
        // Asked again only when that changes nothing, and nothing was answered yet.
        const code = (error as NodeJS.ErrnoException | undefined)?.code ?? '';
        if (call.method === 'GET' && !call.signal.aborted && BROKEN.has(code)) return once();
        throw error;
      });
      this.clock.heard(answer.headers['date'], sentAt);
      return answer;
    } catch (error) {
      throw this.noAnswer(error, call.signal);
    }
  }

  /** The next call reads the credentials anew: the server did not take these. */
  forgetCredentials(): void {
    this.#headers = undefined;
  }

  /** What a broken connection is. */
  noAnswer(error: unknown, signal: AbortSignal): unknown {
    if (signal.aborted || error instanceof GritError || error instanceof KubeError) return error;
    const reason =
      error instanceof Error ? error.message || String((error as NodeJS.ErrnoException).code) : String(error);
    return new KubeError(`${this.server} does not answer: ${reason}`, { status: 0, reason: 'NoAnswer', cause: error });
  }

  async close(): Promise<void> {
    await Promise.allSettled([this.#calls.destroy(), this.#watches.destroy()]);
  }

  #auth(): Promise<Readonly<Record<string, string>>> {
    const now = performance.now();
    if (this.#headers !== undefined && now - this.#headers.at <= HEADERS_MS) return this.#headers.values;
    // One reading for all who wait: it may run a program.
    const headers = { values: readHeaders(this.config), at: now };
    this.#headers = headers;
    headers.values.catch(() => {
      if (this.#headers === headers) this.#headers = undefined;
    });
    return headers.values;
  }
}

function chooseContext(config: KubeConfig, context: string): void {
  if (config.getContextObject(context) === null) throw new Error(`it has no context "${context}"`);
  config.setCurrentContext(context);
}

async function readHeaders(config: KubeConfig): Promise<Readonly<Record<string, string>>> {
  const options: RequestOptions = {};
  await config.applyToHTTPSOptions(options);
  const given = Object.entries((options.headers ?? {}) as Record<string, unknown>);
  const headers = Object.fromEntries(given.map(([name, value]) => [name, String(value)]));
  if (options.auth === undefined || options.auth === null) return headers;
  return { ...headers, authorization: `Basic ${Buffer.from(options.auth).toString('base64')}` };
}

/** Without the lines that a YAML parser quotes: they may hold a token. */
function whyUnreadable(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { reason, mark } = error as Error & { reason?: string; mark?: { line?: number } };
  return reason === undefined ? (error.message.split('\n')[0] ?? '') : `line ${(mark?.line ?? 0) + 1}: ${reason}`;
}
