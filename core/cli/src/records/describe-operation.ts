// SPDX-License-Identifier: Apache-2.0
import type { OperationStatus, StepStatus } from '@grit/plugin-api';
import { nameWorkload } from '../operations/name-workload.js';
import { formatFacts } from '../output/facts.js';
import { formatMoment } from '../output/format-time.js';
import { formatTable } from '../output/table.js';
import { formatTimings } from '../output/timings-table.js';
import { describeError } from './describe-error.js';

/** Everything about an operation: its steps, its phases with a total, its error. */
export function describeOperation(status: OperationStatus, width: number): string {
  const facts = formatFacts([
    ['id', status.id],
    ['kind', status.kind],
    ['phase', status.phase],
    ['outcome', status.outcome],
    ['workload', status.workload?.name],
    ['node', status.node],
    ['checkpoint', status.checkpoint],
    ['requested by', status.request.requestedBy],
    ['key', status.request.idempotencyKey],
    ['created', formatMoment(status.createdAt)],
    ['finished', formatMoment(status.finishedAt)],
  ]);
  const steps = status.steps.length === 0 ? '' : `\n${formatSteps(status, width)}`;
  const error = status.error && { ...status.error, hint: nameWorkload(status.error.hint, status) };
  const wall = status.finishedAt === undefined ? undefined : status.finishedAt - status.createdAt;
  const timings = status.timings.length === 0 ? '' : `\n${formatTimings(status.timings, wall)}`;
  return `${facts}${steps}${timings}${describeError(error)}`;
}

function formatSteps(status: OperationStatus, width: number): string {
  const start = (step: StepStatus) =>
    step.startedAt === undefined ? '-' : String(Math.max(0, step.startedAt - status.createdAt));
  const took = ({ startedAt, finishedAt }: StepStatus) =>
    startedAt === undefined || finishedAt === undefined ? '-' : String(finishedAt - startedAt);
  return formatTable(
    status.steps,
    [
      { title: 'STEP', value: ({ name }) => name },
      { title: 'NODE', value: ({ node }) => node ?? 'server' },
      { title: 'PHASE', value: ({ phase }) => phase },
      { title: 'TRY', value: ({ attempt }) => String(attempt), align: 'right' },
      { title: 'AT MS', value: start, align: 'right' },
      { title: 'MS', value: took, align: 'right' },
      { title: 'ERROR', value: ({ error }) => error?.message ?? '', shrinks: true },
    ],
    width,
  );
}
