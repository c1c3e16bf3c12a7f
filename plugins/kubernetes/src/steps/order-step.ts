// SPDX-License-Identifier: Apache-2.0
import { randomUUID } from 'node:crypto';
import { defined } from '../kit/defined.js';
import type { Step, StepName, StepReport } from '../api/step.js';

/** What a controller wants a node to do. */
export interface WantedStep {
  readonly name: StepName;
  readonly node: string;
  readonly mode?: 'resume' | 'stop' | undefined;
  readonly hold?: boolean | undefined;
  readonly claimPodUid?: string | undefined;
}

/** The part of a status by which a controller and a node speak. */
export interface StepStatus {
  readonly step?: Step | undefined;
  readonly report?: StepReport | undefined;
}

/**
 * The order for what is wanted: the current one while it says the same and `report` does not end it, else a new one under a new token. The attempt
 * grows while the name stays.
 */
export function nextStep(current: Step | undefined, want: WantedStep, now: Date, report?: StepReport): Step {
  if (current !== undefined && saysTheSame(current, want) && !isFinal(reportOf({ step: current, report }))) {
    return current;
  }
  return defined({
    name: want.name,
    node: want.node,
    token: randomUUID(),
    attempt: current?.name === want.name ? current.attempt + 1 : 1,
    orderedAt: now.toISOString(),
    mode: want.mode,
    hold: want.hold,
    claimPodUid: want.claimPodUid,
  });
}

/** The report on the newest order; what was said of an older one counts no more. */
export function reportOf(status: StepStatus | undefined): StepReport | undefined {
  const { step, report } = status ?? {};
  return step !== undefined && report?.token === step.token ? report : undefined;
}

/** Whether a report is the last word on its order. */
export function isFinal(report: StepReport | undefined): boolean {
  return report?.phase === 'Succeeded' || report?.phase === 'Failed';
}

/** Whether a node still owes an answer. */
export function isUnfinished(status: StepStatus | undefined): boolean {
  return status?.step !== undefined && !isFinal(reportOf(status));
}

/** The order that stands on a pod; what was fetched ahead of one stands on none. */
export function orderOfPod({ status }: { readonly status?: StepStatus | undefined }): Step | undefined {
  return status?.step?.name === 'prefetch' ? undefined : status?.step;
}

function saysTheSame(step: Step, want: WantedStep): boolean {
  return (
    step.name === want.name &&
    step.node === want.node &&
    step.mode === want.mode &&
    (step.hold ?? false) === (want.hold ?? false) &&
    step.claimPodUid === want.claimPodUid
  );
}
