// SPDX-License-Identifier: Apache-2.0
import type { NodeRecord } from '@grit/core';
import { formatAge } from '../output/format-time.js';
import type { Column } from '../output/table.js';

/** An agent says that it is there every second. */
const GONE_AFTER_MS = 20_000;

/** Columns of `grit get nodes`. */
export function nodeColumns(now: number): readonly Column<NodeRecord>[] {
  const fact = (name: string) => (record: NodeRecord) => record.facts.facts[name] ?? '-';
  return [
    { title: 'NAME', value: ({ name }) => name },
    { title: 'READY', value: (record) => formatReadiness(record, now) },
    { title: 'SEEN', value: ({ lastSeen }) => formatAge(lastSeen, now), align: 'right' },
    { title: 'ARCH', value: fact('arch') },
    { title: 'KERNEL', value: fact('kernel'), shrinks: true },
    { title: 'RUNC', value: fact('runc'), shrinks: true },
    { title: 'CRIU', value: fact('criu'), shrinks: true },
    { title: 'PROBLEMS', value: ({ facts }) => String(facts.problems.length), align: 'right' },
    { title: 'INCARNATION', value: ({ incarnation }) => incarnation, wide: true },
  ];
}

/** `yes`, `no` (its facts say why not), or `gone` when its agent has been silent for too long. */
export function formatReadiness({ ready, lastSeen }: Pick<NodeRecord, 'ready' | 'lastSeen'>, now: number): string {
  return now - lastSeen > GONE_AFTER_MS ? 'gone' : ready ? 'yes' : 'no';
}
