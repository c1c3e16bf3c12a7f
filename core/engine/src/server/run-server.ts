// SPDX-License-Identifier: Apache-2.0
import { untilSignal } from './until-signal.js';
import { startServer, type ServerOptions } from './start-server.js';

/** `grit server`: runs until a signal or a request ends it. A request ends the agent and Redis as well, a signal only this process. */
export async function runServer(options: ServerOptions): Promise<void> {
  const end = untilSignal();
  let requested = false;
  const server = await startServer(
    {
      ...options,
      onShutdown: () => {
        requested = true;
        end.now();
      },
    },
    end.signal,
  );
  await end.reached;
  await server.stop({ all: requested });
}
