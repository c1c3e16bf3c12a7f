// SPDX-License-Identifier: Apache-2.0
import { GritError } from '@grit/plugin-api';
import type { Pod } from '@grit/plugin-kubernetes';
import { whyStays } from '../plan/why-stays.js';

/** Throws GRIT_WORKLOAD_NOT_RUNNING or GRIT_WORKLOAD_UNCHECKPOINTABLE for a pod that a Migration would give back at once. */
export function insistOnMovable(pod: Pod): void {
  const why = whyStays(pod, { moveHostPaths: true });
  if (why === undefined) return;
  const { name, namespace = '' } = pod.metadata;
  const message = `pod ${name} cannot be moved: it ${why.message}`;
  if (why.reason === 'Finished' || why.reason === 'NotRunning' || why.reason === 'Terminating') {
    throw new GritError('GRIT_WORKLOAD_NOT_RUNNING', message, {
      hint: `\`kubectl describe pod ${name} -n ${namespace}\` says more.`,
    });
  }
  throw new GritError('GRIT_WORKLOAD_UNCHECKPOINTABLE', message, {
    hint:
      why.reason === 'SystemPod'
        ? 'If it must go, delete it: its owner makes it anew.'
        : 'It lives and dies with its node; `kubectl grit drain` leaves such pods alone.',
  });
}
