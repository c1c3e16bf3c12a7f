// SPDX-License-Identifier: Apache-2.0
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { CONTROL_PLANE_MODULES, NODE_MODULES } from './binaries.js';
import type { ClusterOptions } from './cluster.js';
import { moduleUnavailable } from './module-unavailable.js';
import { BUSYBOX } from './node-images.js';

/** What a machine must have, and the Debian package that brings it. */
const TOOLS = [
  { file: 'setpriv', debian: 'util-linux' },
  { file: 'flock', debian: 'util-linux' },
];
const NODE_TOOLS = [
  { file: 'ip', debian: 'iproute2' },
  { file: 'nsenter', debian: 'util-linux' },
  { file: 'iptables', debian: 'iptables' },
  { file: 'tar', debian: 'tar' },
  { file: BUSYBOX, debian: 'busybox-static' },
  { file: '/usr/include/seccomp.h', debian: 'libseccomp-dev' },
  { file: 'gcc', debian: 'gcc' },
  { file: 'pkg-config', debian: 'pkg-config' },
];

/**
 * Why this machine cannot have such a cluster, as reason to skip a test; undefined when it can. Builds the programs
 * where there are none, which takes minutes; a build that fails for another reason than a lack is thrown.
 */
export async function clusterUnavailable(options: ClusterOptions): Promise<string | undefined> {
  const withNodes = (options.nodes ?? []).length > 0;
  if (process.platform !== 'linux') return 'a test cluster needs Linux';
  if (withNodes && process.getuid?.() !== 0) return 'nodes of a test cluster need root';
  const missing = (withNodes ? [...TOOLS, ...NODE_TOOLS] : TOOLS).filter(({ file }) => findFile(file) === undefined);
  if (missing.length > 0) return `missing for a test cluster: ${missing.map(({ debian }) => debian).join(', ')}`;
  for (const module of [...CONTROL_PLANE_MODULES, ...(withNodes ? NODE_MODULES : [])]) {
    const reason = await moduleUnavailable(module);
    if (reason !== undefined) return reason;
  }
  return undefined;
}

function findFile(file: string): string | undefined {
  const folders = file.startsWith('/') ? [''] : (process.env['PATH'] ?? '').split(delimiter);
  return folders.map((folder) => join(folder, file)).find((path) => existsSync(path));
}
