// SPDX-License-Identifier: Apache-2.0
import type { NodeRecord } from '@grit/core';
import { formatAge } from '../output/format-time.js';
import type { Column } from '../output/table.js';

/** Columns of `grit get nodes`. */
export function nodeColumns(now: number): readonly Column<NodeRecord>[] {
  const fact = (name: string) => (record: NodeRecord) => record.facts.facts[name] ?? '-';
  return [
    { title: 'NAME', value: ({ name }) => name },
    { title: 'READY', value: ({ ready }) => (ready ? 'yes' : 'no') },
    { title: 'SEEN', value: ({ lastSeen }) => formatAge(lastSeen, now), align: 'right' },
    { title: 'ARCH', value: fact('arch') },
    { title: 'KERNEL', value: fact('kernel'), shrinks: true },
    { title: 'RUNC', value: fact('runc'), shrinks: true },
    { title: 'CRIU', value: fact('criu'), shrinks: true },
    { title: 'PROBLEMS', value: ({ facts }) => String(facts.problems.length), align: 'right' },
    { title: 'INCARNATION', value: ({ incarnation }) => incarnation, wide: true },
  ];
}
