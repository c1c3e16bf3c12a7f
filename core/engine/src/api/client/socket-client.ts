// SPDX-License-Identifier: Apache-2.0
import type { IncomingMessage } from 'node:http';
import { GritError, isGritError, isSerializedGritError } from '@grit/plugin-api';

// An import of the module reads all of its exports, and two of them load the WebSocket client: 30 ms of every command.
const { Agent, request: httpRequest } = process.getBuiltinModule('node:http');

const ANSWER_MS = 60_000;
/** Idle connections that are kept. */
const KEPT = 4;

/** One request. */
export interface SocketCall {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly body?: unknown;
  readonly signal: AbortSignal;
  /** Longest silence of the server, in ms. */
  readonly timeoutMs?: number;
}

/** HTTP over a unix socket, on connections that are kept. */
export class SocketClient {
  readonly #agent = new Agent({ keepAlive: true, maxFreeSockets: KEPT });

  constructor(readonly socketPath: string) {}

  /** The answer as JSON; undefined for an empty one. Everything that is asked is idempotent, so a lost connection is tried anew once. */
  async json<T>(call: SocketCall): Promise<T> {
    const response = await this.open(call);
    const text = await this.#text(response, call);
    try {
      return (text === '' ? undefined : JSON.parse(text)) as T;
    } catch (error) {
      throw new GritError('GRIT_INTERNAL', `${call.path}: the answer is not JSON`, { cause: error });
    }
  }

  /** A successful response whose body is still to be read. */
  async open(call: SocketCall): Promise<IncomingMessage> {
    const response = await this.#sendOnLiving(call);
    if ((response.statusCode ?? 500) < 400) return response;
    const text = await this.#text(response, call);
    throw errorIn(text) ?? new GritError('GRIT_INTERNAL', `the server answered ${String(response.statusCode)}`);
  }

  /** The error that the loss of a connection is to the caller. */
  lost(error: unknown, signal: AbortSignal): GritError {
    if (signal.aborted) {
      const timeout = (signal.reason as Error | undefined)?.name === 'TimeoutError';
      return new GritError(timeout ? 'GRIT_TIMEOUT' : 'GRIT_ABORTED', 'the caller waits no longer', {
        cause: signal.reason,
      });
    }
    if (isGritError(error)) return error;
    const reason = error instanceof Error ? error.message : String(error);
    return new GritError('GRIT_SERVER_UNAVAILABLE', `no server answers on ${this.socketPath}: ${reason}`, {
      cause: error,
      details: { socket: this.socketPath },
    });
  }

  close(): void {
    this.#agent.destroy();
  }

  /** Kept connections may have been closed by the server just now: each of them may be met, then a new one is made. */
  async #sendOnLiving(call: SocketCall): Promise<IncomingMessage> {
    for (let dead = 0; ; dead += 1) {
      try {
        return await this.#send(call);
      } catch (error) {
        if (!(error instanceof LostKeptConnection)) throw error;
        if (dead > KEPT) throw this.lost(error, call.signal);
      }
    }
  }

  #send(call: SocketCall): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const text = call.body === undefined ? undefined : JSON.stringify(call.body);
      const request = httpRequest({
        socketPath: this.socketPath,
        agent: this.#agent,
        method: call.method,
        path: call.path,
        signal: call.signal,
        timeout: call.timeoutMs ?? ANSWER_MS,
        headers:
          text === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) },
      });
      request.once('timeout', () => {
        request.destroy(new GritError('GRIT_TIMEOUT', `the server is silent on ${call.method} ${call.path}`));
      });
      request.once('response', resolve);
      request.on('error', (error: NodeJS.ErrnoException) => {
        const kept = request.reusedSocket && (error.code === 'ECONNRESET' || error.code === 'EPIPE');
        reject(kept && !call.signal.aborted ? new LostKeptConnection() : this.lost(error, call.signal));
      });
      request.end(text);
    });
  }

  async #text(response: IncomingMessage, call: SocketCall): Promise<string> {
    try {
      response.setEncoding('utf8');
      let text = '';
      for await (const chunk of response) text += chunk as string;
      return text;
    } catch (error) {
      throw this.lost(error, call.signal);
    }
  }
}

class LostKeptConnection extends Error {
  constructor() {
    super('the connection was closed');
  }
}

function errorIn(text: string): GritError | undefined {
  try {
    const json: unknown = JSON.parse(text);
    return isSerializedGritError(json) ? GritError.fromJSON(json) : undefined;
  } catch {
    return undefined;
  }
}
