// SPDX-License-Identifier: Apache-2.0
import type { HostInfo, NodeFacts } from '@grit/plugin-api';
import type { NodeReport } from '../agent/node-publisher.js';
import type { KubeNodeFacts } from '../api/source.js';
import { defined } from '../kit/defined.js';
import { gpusOf } from './gpus-of.js';

/** As Node.js names architectures, and as Kubernetes does. */
const ARCHITECTURES: Readonly<Record<string, string>> = { x64: 'amd64' };
/** Free space changes all the time: in steps of this the GritNode is not written each time. */
const FREE_STEP = 2 ** 30;
const MOST_FLAGS = 512;
const MOST_PLUGINS = 64;

/** What an agent is and a driver found, as it stands in the GritNode. */
export function nodeReport(
  { version, plugins }: Pick<HostInfo, 'version' | 'plugins'>,
  { ready, problems, facts }: NodeFacts,
): NodeReport {
  const { kernel, arch = '', cgroup, containerd, runc, criu, lsm } = facts;
  const flags = facts['cpu-flags']?.split(' ').filter((flag) => flag !== '');
  const free = Number(facts['free-bytes'] ?? NaN);
  const known: KubeNodeFacts = {
    arch: ARCHITECTURES[arch] ?? arch,
    ...defined({ kernel, containerd, runc, criu, lsm }),
    ...(cgroup === 'v1' || cgroup === 'v2' ? { cgroup } : {}),
    ...(flags === undefined ? {} : { cpuFlags: flags.slice(0, MOST_FLAGS) }),
    ...gpusOf(facts),
    ...(Number.isSafeInteger(free) ? { freeBytes: Math.floor(free / FREE_STEP) * FREE_STEP } : {}),
  };
  const found =
    ready || problems.length > 0
      ? problems
      : [{ message: 'the runtime is not ready', hint: 'See the log of the agent.' }];
  return {
    agentVersion: version,
    plugins: plugins.slice(0, MOST_PLUGINS),
    facts: known,
    problems: found.map(({ message, hint }) => ({ message, hint })),
  };
}
