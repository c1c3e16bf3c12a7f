// SPDX-License-Identifier: Apache-2.0
import { buildModule, readGoVersion, type ModuleName } from './binaries.js';
import { ClusterError } from './cluster-error.js';

/** What Go says when it cannot have the sources, or wants a newer Go: a lack of this machine, no fault of ours. */
const LACKS =
  /dial tcp|no such host|i\/o timeout|TLS handshake|proxyconnect|requires go >=|reading https?:|module lookup disabled/;

/**
 * Why this machine cannot have the programs of a module, as reason to skip a test; undefined when it can. Builds them where they are not,
 * which takes minutes; a build that fails for another reason than a lack is thrown.
 */
export async function moduleUnavailable(name: ModuleName): Promise<string | undefined> {
  try {
    await readGoVersion();
  } catch {
    return `no Go on this machine: ${name} is built with it`;
  }
  try {
    await buildModule(name);
    return undefined;
  } catch (error) {
    const lack = error instanceof ClusterError ? error.message.split('\n').find((line) => LACKS.test(line)) : undefined;
    if (lack === undefined) throw error;
    return `${name} cannot be built: ${lack}`;
  }
}
