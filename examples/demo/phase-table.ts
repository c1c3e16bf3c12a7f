// SPDX-License-Identifier: Apache-2.0
import type { OperationStatus } from '@grit/plugin-api';

/** The phases of operations that follow each other, with their sum beside the total that the clock says. */
export function phaseTable(operations: readonly OperationStatus[]): string {
  const rows = operations.flatMap(({ kind, timings }) => timings.map(({ phase, ms }) => [kind, phase, ms] as const));
  const sum = rows.reduce((total, [, , ms]) => total + ms, 0);
  const clock = operations.reduce((total, { createdAt, finishedAt = 0 }) => total + finishedAt - createdAt, 0);
  const line = (kind: string, phase: string, ms: number): string =>
    `  ${kind.padEnd(12)}${phase.padEnd(16)}${ms.toFixed(1).padStart(10)} ms`;
  return [
    ...rows.map(([kind, phase, ms]) => line(kind, phase, ms)),
    `  ${'-'.repeat(41)}`,
    line('sum', '', sum),
    line('total', `(${(((sum - clock) / clock) * 100).toFixed(1)} % off)`, clock),
  ].join('\n');
}
