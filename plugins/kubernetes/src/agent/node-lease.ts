// SPDX-License-Identifier: Apache-2.0
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from '@grit/plugin-api';
import { LEASES } from '../api/core-kinds.js';
import { MANAGERS } from '../api/group.js';
import type { KubeClient } from '../kit/kube-client.js';
import { nodeLeaseName } from '../steps/node-lease-name.js';

/** What a Lease is renewed with. */
export interface NodeLeaseOptions {
  readonly client: KubeClient;
  readonly namespace: string;
  readonly node: string;
  /** Changes with each start of the agent. */
  readonly holder: string;
  readonly renewMs: number;
  readonly leaseSeconds: number;
  readonly logger: Logger;
}

/**
 * Renews the Lease until the signal. Readers go by when they saw it change, not by the time in it, so that clocks may differ. At the end
 * it stays: an agent that is replaced by a newer one is not gone.
 */
export async function renewNodeLease(options: NodeLeaseOptions, signal: AbortSignal): Promise<void> {
  const { client, namespace, node, holder, renewMs, leaseSeconds, logger } = options;
  for (;;) {
    const spec = { holderIdentity: holder, leaseDurationSeconds: leaseSeconds, renewTime: microTime(new Date()) };
    const metadata = { name: nodeLeaseName(node), namespace };
    const lease = { apiVersion: LEASES.apiVersion, kind: LEASES.kind, metadata, spec };
    try {
      await client.apply(LEASES, lease, { manager: MANAGERS.agent, force: true }, signal);
    } catch (error) {
      if (signal.aborted) return;
      logger.warn('the Lease of the node was not renewed', { lease: metadata.name, reason: String(error) });
    }
    if (!(await delay(renewMs, true, { signal }).catch(() => false))) return;
  }
}

/** metav1.MicroTime. */
function microTime(date: Date): string {
  return date.toISOString().replace('Z', '000Z');
}
