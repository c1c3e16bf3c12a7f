// SPDX-License-Identifier: Apache-2.0
import { GritError } from '@grit/plugin-api';
import type { NodeEnvironment } from '../node-environment.js';
import { runOrThrow } from '../process/run-program.js';
import { pathThrough, type Shim } from './caller.js';
import type { PodBundle } from './pod-bundle.js';

const RULE = 'INPUT -i lo -p tcp -j DROP';
/** A node without IPv6 has no connections of it. */
const LOCK = `iptables -w -C ${RULE} 2>/dev/null || iptables -w -I ${RULE} || exit 1
ip6tables -w -C ${RULE} 2>/dev/null || ip6tables -w -I ${RULE} 2>/dev/null
exit 0`;
const UNLOCK = `for tables in iptables ip6tables; do
  while $tables -w -D ${RULE} 2>/dev/null; do :; done
done`;

/** The network namespace of a pod, as the shim sees it; undefined where it is the node's own. */
export function networkOf({ config }: PodBundle): string | undefined {
  const namespace = config.linux?.namespaces?.find(({ type }) => type === 'network');
  return typeof namespace?.path === 'string' && namespace.path !== '' ? namespace.path : undefined;
}

/**
 * Lets no packet through between the containers of a pod. The kernel asks the other end of a connection for a sign of life as soon as one
 * end is restored, and as long as the other one is not there it would answer with a reset. Idempotent.
 */
export async function lockLoopback(
  node: NodeEnvironment,
  shim: Shim,
  network: string,
  signal: AbortSignal,
): Promise<void> {
  await inNetwork(node, shim, network, LOCK, signal);
}

/** Takes it back. Idempotent; also when the pod is gone. */
export async function unlockLoopback(node: NodeEnvironment, shim: Shim, network: string): Promise<void> {
  await inNetwork(node, shim, network, UNLOCK, new AbortController().signal);
}

async function inNetwork(
  node: NodeEnvironment,
  shim: Shim,
  network: string,
  script: string,
  signal: AbortSignal,
): Promise<void> {
  const args = [`--net=${pathThrough(shim, network)}`, '--', 'sh', '-c', script];
  await runOrThrow('nsenter', args, { env: node.env, signal }, (message) => {
    return new GritError('GRIT_RESTORE_FAILED', `the connections inside the pod could not be held back: ${message}`, {
      hint: 'Is iptables installed on the node?',
    });
  });
}
