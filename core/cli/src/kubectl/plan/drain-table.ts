// SPDX-License-Identifier: Apache-2.0
import { ownerOf } from '@grit/plugin-kubernetes';
import { formatTable, type Column } from '../../output/table.js';
import type { PodPlan } from './drain-plan.js';

const ACTIONS = { migrate: 'migrate', evict: 'evict', leave: 'leave' } as const;

/** What is done with each pod, and why. */
export function formatPlan(plan: readonly PodPlan[], width: number): string {
  const columns: readonly Column<PodPlan>[] = [
    { title: 'POD', value: ({ pod }) => `${pod.metadata.namespace ?? ''}/${pod.metadata.name}` },
    { title: 'OWNER', value: ({ pod }) => ownerOf(pod)?.kind ?? '-' },
    { title: 'DOES', value: ({ action }) => ACTIONS[action] },
    { title: 'WHY', value: ({ stay }) => stay?.message ?? '', wraps: true },
  ];
  return formatTable(plan, columns, width);
}

/** The same for programs. */
export function planDocument(plan: readonly PodPlan[]): readonly object[] {
  return plan.map(({ pod, action, stay, counts }) => ({
    namespace: pod.metadata.namespace ?? '',
    pod: pod.metadata.name,
    uid: pod.metadata.uid,
    owner: ownerOf(pod)?.kind,
    action,
    reason: stay?.reason,
    message: stay?.message,
    keepsNodeFromBeingEmpty: action === 'leave' && counts,
  }));
}

/** `6 are moved, 1 is evicted, 3 stay`. */
export function sumUpPlan(plan: readonly PodPlan[]): string {
  const count = (action: PodPlan['action']): number => plan.filter((each) => each.action === action).length;
  const [moved, evicted, left] = [count('migrate'), count('evict'), count('leave')];
  const parts = [
    moved > 0 ? `${moved} ${moved === 1 ? 'is' : 'are'} moved` : 'none is moved',
    ...(evicted > 0 ? [`${evicted} ${evicted === 1 ? 'is' : 'are'} evicted`] : []),
    ...(left > 0 ? [`${left} ${left === 1 ? 'stays' : 'stay'}`] : []),
  ];
  return parts.join(', ');
}
