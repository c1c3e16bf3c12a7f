// SPDX-License-Identifier: Apache-2.0
import { GritError } from '@grit/plugin-api';
import type { Checkpoint } from '@grit/plugin-kubernetes';

/** Whether the pod of a Checkpoint is frozen now, or may be: an order to dump or to undo has begun, and its end was not seen. */
export function holdsPod({ status = {}, spec }: Checkpoint): boolean {
  const { step, report, phase, finishedAt } = status;
  if (step === undefined || phase === 'Submitted' || finishedAt !== undefined) return false;
  if (report?.token === step.token && report.held !== undefined) return report.held;
  const keeps = spec.autoMigration === true || spec.afterCheckpoint === 'stop';
  return status.startedAt !== undefined && (keeps || phase === 'Checkpointing');
}

/** The Checkpoint that holds a pod, by its name or that of the pod. Throws GRIT_HOLD_NOT_FOUND, GRIT_POD_GONE. */
export function chooseHeld(checkpoints: readonly Checkpoint[], word: string, namespace: string): Checkpoint {
  const [kind, name] = word.includes('/') ? (word.split('/', 2) as [string, string]) : ['', word];
  const asCheckpoint = checkpoints.filter(
    ({ metadata }) => /^(checkpoints?|ckpt|migrations?|mig|)$/.test(kind) && metadata.name === name,
  );
  const asPod = checkpoints.filter(
    ({ spec, status }) => /^(pods?|)$/.test(kind) && (status?.podName ?? spec.podName) === name,
  );
  const found = [...asCheckpoint, ...asPod];
  const held = found.find((each) => holdsPod(each));
  if (held !== undefined) return held;
  const look = `\`kubectl grit status -n ${namespace} --all\` shows what there is.`;
  const [known] = found;
  if (known === undefined) {
    const message = `no checkpoint in namespace ${namespace} has the name ${name}, or is of a pod of this name`;
    throw new GritError('GRIT_HOLD_NOT_FOUND', message, { hint: look });
  }
  const { metadata, status = {} } = known;
  if (status.phase === 'Submitted') {
    const message = `pod ${status.podName ?? ''} was stopped already: its state is in checkpoint/${metadata.name}`;
    throw new GritError('GRIT_POD_GONE', message, {
      hint: `Its successor goes on: \`kubectl grit status restore/${status.restoreName ?? metadata.name} -n ${namespace}\`.`,
    });
  }
  if (status.phase === 'Failed' && status.error?.message.includes('may be frozen') === true) {
    throw new GritError('GRIT_NODE_GONE', status.error.message, {
      hint: `Start the agent of node ${status.nodeName ?? ''} again, which lets the pod go on; \`kubectl grit doctor\` says what ails it.`,
    });
  }
  const message = `checkpoint/${metadata.name} holds no pod: it is ${status.phase ?? 'only ordered'}`;
  throw new GritError('GRIT_HOLD_NOT_FOUND', message, { hint: look });
}
