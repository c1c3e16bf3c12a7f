// SPDX-License-Identifier: Apache-2.0
import { buildModule, CONTROL_PLANE_MODULES, NODE_MODULES, readGoVersion } from './binaries.js';
import type { ClusterOptions } from './cluster.js';
import { ClusterError } from './cluster-error.js';

/** What Go says when it cannot have the sources, or wants a newer Go: a lack of this machine, no fault of ours. */
const LACKS = /dial tcp|no such host|i\/o timeout|proxy|requires go >=|reading https?:|module lookup disabled/;

/**
 * Why this machine cannot have such a cluster, as reason to skip a test; undefined when it can. Builds the programs
 * where there are none, which takes minutes; a build that fails for another reason than a lack is thrown.
 */
export async function clusterUnavailable(options: ClusterOptions): Promise<string | undefined> {
  const withNodes = (options.nodes ?? []).length > 0;
  if (process.platform !== 'linux') return 'a test cluster needs Linux';
  if (withNodes && process.getuid?.() !== 0) return 'nodes of a test cluster need root';
  try {
    await readGoVersion();
  } catch {
    return 'no Go on this machine: the programs of a test cluster are built with it';
  }
  for (const module of [...CONTROL_PLANE_MODULES, ...(withNodes ? NODE_MODULES : [])]) {
    try {
      await buildModule(module);
    } catch (error) {
      if (error instanceof ClusterError && LACKS.test(error.message)) return error.message;
      throw error;
    }
  }
  return undefined;
}
