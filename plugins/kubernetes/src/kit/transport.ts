// SPDX-License-Identifier: Apache-2.0
import type { RequestOptions } from 'node:https';
import { KubeConfig } from '@kubernetes/client-node';
import { Agent, ProxyAgent, request, type Dispatcher } from 'undici';
import { GritError } from '@grit/plugin-api';
import { KubeError } from './kube-error.js';

/** How long headers are used again: tokens in files are renewed by the hour. */
const HEADERS_MS = 10_000;
const CONNECT_MS = 5_000;

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
  readonly #calls: Dispatcher;
  readonly #watches: Dispatcher;
  #headers: { readonly values: Readonly<Record<string, string>>; readonly at: number } | undefined;

  private constructor(
    private readonly config: KubeConfig,
    private readonly userAgent: string,
    options: RequestOptions,
    maxConcurrent: number,
  ) {
    const cluster = config.getCurrentCluster();
    this.server = (cluster?.server ?? '').replace(/\/+$/, '');
    const { ca, cert, key, pfx, passphrase, rejectUnauthorized, servername } = options;
    const tls = { ca, cert, key, pfx, passphrase, rejectUnauthorized, servername, timeout: CONNECT_MS };
    const connect = Object.fromEntries(Object.entries(tls).filter(([, value]) => value !== undefined));
    const open = (connections: number | null): Dispatcher => {
      const proxy = cluster?.proxyUrl;
      return proxy === undefined
        ? new Agent({ connect, connections, headersTimeout: 0, bodyTimeout: 0 })
        : new ProxyAgent({ uri: proxy, requestTls: connect, connections, headersTimeout: 0, bodyTimeout: 0 });
    };
    this.#calls = open(maxConcurrent);
    this.#watches = open(null);
  }

  /** Reads the kubeconfig. Throws GRIT_KUBE_CONFIG_INVALID. */
  static async open(options: {
    readonly kubeconfig?: string | undefined;
    readonly userAgent: string;
    readonly maxConcurrent: number;
  }): Promise<Transport> {
    const config = new KubeConfig();
    const https: RequestOptions = {};
    try {
      if (options.kubeconfig === undefined) config.loadFromDefault();
      else config.loadFromFile(options.kubeconfig);
      if (config.getCurrentCluster() === null) throw new Error('it names no cluster');
      await config.applyToHTTPSOptions(https);
    } catch (error) {
      const where = options.kubeconfig ?? 'the default kubeconfig';
      const reason = error instanceof Error ? error.message : String(error);
      throw new GritError('GRIT_KUBE_CONFIG_INVALID', `${where}: ${reason}`, { cause: error });
    }
    return new Transport(config, options.userAgent, https, options.maxConcurrent);
  }

  /** Sends a request; an answer of any status comes back. Throws a KubeError with status 0 when there is none. */
  async send(call: TransportRequest, watch: boolean): Promise<Dispatcher.ResponseData> {
    const url = new URL(this.server + call.path);
    for (const [name, value] of Object.entries(call.query ?? {})) {
      if (value !== undefined) url.searchParams.set(name, String(value));
    }
    const body = call.body === undefined ? null : JSON.stringify(call.body);
    try {
      return await request(url, {
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
    } catch (error) {
      throw this.noAnswer(error, call.signal);
    }
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

  async #auth(): Promise<Readonly<Record<string, string>>> {
    const now = performance.now();
    if (this.#headers === undefined || now - this.#headers.at > HEADERS_MS) {
      const options: RequestOptions = {};
      await this.config.applyToHTTPSOptions(options);
      const given = Object.entries((options.headers ?? {}) as Record<string, unknown>);
      this.#headers = { values: Object.fromEntries(given.map(([name, value]) => [name, String(value)])), at: now };
      if (options.auth !== undefined && options.auth !== null) {
        const basic = Buffer.from(options.auth).toString('base64');
        this.#headers = { values: { ...this.#headers.values, authorization: `Basic ${basic}` }, at: now };
      }
    }
    return this.#headers.values;
  }
}
