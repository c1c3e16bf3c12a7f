// SPDX-License-Identifier: Apache-2.0
import type { Json, Progress, SerializedGritError } from '@grit/plugin-api';
import type { StepRecord } from '../../catalog/catalog.js';
import type { AgentApi, AgentHeartbeat, AgentRegistration } from '../agent-api.js';
import { SocketClient } from './socket-client.js';

interface StepKey {
  readonly operation: string;
  readonly name: string;
  readonly token: string;
}

/** The server as its agents see it, over its socket. Calls throw GRIT_SERVER_UNAVAILABLE when there is none. */
export class AgentClient implements AgentApi {
  readonly #client: SocketClient;

  constructor(socketPath: string) {
    this.#client = new SocketClient(socketPath);
  }

  async register(registration: AgentRegistration, signal: AbortSignal): Promise<void> {
    await this.#post('/v1/agents/register', registration, signal);
  }

  async heartbeat(heartbeat: AgentHeartbeat, signal: AbortSignal): Promise<boolean> {
    return (await this.#post<{ known: boolean }>('/v1/agents/heartbeat', heartbeat, signal)).known;
  }

  async claim(step: StepKey, signal: AbortSignal): Promise<StepRecord> {
    return this.#post<StepRecord>('/v1/steps/claim', keyOf(step), signal);
  }

  async progress(step: StepKey & { readonly progress: Progress }, signal: AbortSignal): Promise<boolean> {
    const body = { ...keyOf(step), progress: step.progress };
    return (await this.#post<{ abort: boolean }>('/v1/steps/progress', body, signal)).abort;
  }

  async finish(
    step: StepKey,
    result: { readonly output: Json } | { readonly error: SerializedGritError },
    signal: AbortSignal,
  ): Promise<void> {
    await this.#post('/v1/steps/finish', { ...keyOf(step), ...result }, signal);
  }

  /** Closes the kept connections. */
  close(): void {
    this.#client.close();
  }

  async #post<T>(path: string, body: object, signal: AbortSignal): Promise<T> {
    return this.#client.json<T>({ method: 'POST', path, body, signal });
  }
}

/** Callers hand over whole records; the server takes no fields that it does not know. */
function keyOf({ operation, name, token }: StepKey): StepKey {
  return { operation, name, token };
}
