// SPDX-License-Identifier: Apache-2.0
import { fileURLToPath } from 'node:url';
import { AGENT_FLAGS } from './service-flags.js';
import { socketPath } from './state-directory.js';

const ENTRY = fileURLToPath(new URL('../../bin/grit.js', import.meta.url));

/** Program and arguments of the agent that a server starts for its own node. */
export function agentCommandLine(place: {
  readonly stateDirectory: string;
  readonly configPaths: readonly string[];
  readonly node: string | undefined;
}): [string, ...string[]] {
  const { stateDirectory, configPaths, node } = place;
  const options = ['--state-dir', stateDirectory, '--server', socketPath(stateDirectory)];
  const configs = configPaths.flatMap((path) => ['--config', path]);
  const name = node === undefined ? [] : ['--node', node];
  return [process.execPath, ...AGENT_FLAGS, ENTRY, 'agent', ...options, ...configs, ...name];
}
