// SPDX-License-Identifier: Apache-2.0

/** What the server and an agent are started with. */
export interface EngineOptions {
  readonly stateDirectory: string;
  readonly configPaths: readonly string[];
  readonly node?: string | undefined;
  /** Agents only: the server's socket. */
  readonly server?: string | undefined;
  readonly foreground: boolean;
}

/** The main functions of the engine; each returns when its process shall end. */
export interface Engine {
  readonly runServer: (options: EngineOptions) => Promise<void>;
  readonly runAgent: (options: EngineOptions) => Promise<void>;
}

/** Loads the engine, which only a few commands need. */
export async function loadEngine(): Promise<Engine> {
  return (await import('@grit/core')) as unknown as Engine;
}
