// SPDX-License-Identifier: Apache-2.0
import type { CommandSpec } from '../arguments/command-spec.js';
import { formatFacts } from '../output/facts.js';
import { printDocument } from '../output/print-document.js';
import { readVersion } from '../platform/read-version.js';

/** `grit version`. */
export const command: CommandSpec = {
  name: 'version',
  summary: 'show the versions of this command, of Node and of the server if one runs',
  arguments: [],
  options: [],
  examples: ['grit version'],
  async run(_invocation, { session, terminal, format }) {
    const { signal } = new AbortController();
    const server = await session.callIfRunning((api) => api.status(signal));
    const versions = {
      grit: readVersion(),
      node: process.versions.node,
      server: server && { version: server.version, pid: server.pid },
    };
    if (!printDocument(terminal, format, versions)) {
      terminal.out(
        formatFacts([
          ['grit', versions.grit],
          ['node', versions.node],
          ['server', server === undefined ? 'not running' : `${server.version} (pid ${String(server.pid)})`],
        ]),
      );
    }
    return 0;
  },
};
