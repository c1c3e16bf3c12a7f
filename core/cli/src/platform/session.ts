// SPDX-License-Identifier: Apache-2.0
import { isGritError } from '@grit/plugin-api';
import type { PlatformApi } from '@grit/core';
import { socketPath } from './state-directory.js';
import type { ServerPlace } from './start-server.js';

const MOST_STARTS = 3;

/** How a command reaches the server. */
export interface SessionOptions extends ServerPlace {
  /** Told when a server has to be started anew in the middle of a command. */
  readonly onLost?: () => void;
}

/**
 * A command's way to the server. A server that does not answer is started; a call whose answer was lost is made again, so every
 * call must be one that may be made twice (submissions carry an idempotency key).
 */
export class Session {
  readonly #options: SessionOptions;
  #api: Promise<PlatformApi> | undefined;
  #answered = false;
  #started = false;

  constructor(options: SessionOptions) {
    this.#options = options;
  }

  /** Makes a call, with a server that is started if there is none. */
  async call<T>(use: (api: PlatformApi) => Promise<T>): Promise<T> {
    for (let starts = 0; ; starts++) {
      try {
        const answer = await use(await this.#connect());
        this.#answered = true;
        return answer;
      } catch (error) {
        if (!isLost(error) || starts >= MOST_STARTS) throw error;
        await this.recover();
      }
    }
  }

  /** Makes a call that needs a node: the agent of a server that has just been started is waited for. */
  async callWithNode<T>(use: (api: PlatformApi) => Promise<T>): Promise<T> {
    return await this.call(async (api) => {
      if (this.#started) {
        const { waitForOwnNode } = await import('./wait-for-own-node.js');
        await waitForOwnNode(api, this.#options.stateDirectory);
      }
      return await use(api);
    });
  }

  /** Makes a call only if a server is there; undefined otherwise. */
  async callIfRunning<T>(use: (api: PlatformApi) => Promise<T>): Promise<T | undefined> {
    try {
      return await use(await this.#connect());
    } catch (error) {
      if (isLost(error)) return undefined;
      throw error;
    }
  }

  /** Starts a server in place of the one that was lost. */
  async recover(): Promise<void> {
    if (this.#answered) this.#options.onLost?.();
    const { ensureServer } = await import('./start-server.js');
    await ensureServer(this.#options);
    this.#started = true;
  }

  #connect(): Promise<PlatformApi> {
    return (this.#api ??= openClient(socketPath(this.#options.stateDirectory)));
  }
}

/** True when the server is not there, or went away before its answer came. */
export function isLost(error: unknown): boolean {
  return isGritError(error) && error.code === 'GRIT_SERVER_UNAVAILABLE';
}

async function openClient(socket: string): Promise<PlatformApi> {
  const { PlatformClient } = await import('@grit/core/client');
  // A lost server is started again here; waiting for it would be in vain.
  return new PlatformClient(socket, { patienceMs: 0 });
}
