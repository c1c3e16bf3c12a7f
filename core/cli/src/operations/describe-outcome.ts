// SPDX-License-Identifier: Apache-2.0
import type { OperationStatus } from '@grit/plugin-api';

/** What became of the workload, in a sentence, and the command that one will want next. */
export interface OutcomeText {
  readonly sentence: string;
  readonly next: string | undefined;
}

/** Says the outcome of an operation as it is. */
export function describeOutcome(status: OperationStatus): OutcomeText {
  const name = status.workload?.name ?? nameOf(status);
  const to = status.request.kind === 'migrate' ? status.request.to : undefined;
  const node = (to ?? status.node) === undefined ? '' : ` on node ${to ?? status.node ?? ''}`;
  const checkpoint = status.checkpoint;
  const say = (sentence: string, next?: string): OutcomeText => ({ sentence, next });
  switch (status.outcome) {
    case 'Checkpointed':
      return say(`Checkpointed ${name}${after(status)}.`, nextAfterCheckpoint(status, name));
    case 'Restored':
      return say(
        `Restored ${name}${checkpoint === undefined ? '' : ` from ${checkpoint}`}${takenFrom(status)}${restoredOn(status)}.`,
        `grit logs -f ${name}`,
      );
    case 'Migrated':
      return say(`Migrated ${name} to node ${to ?? '?'}; it runs there and nowhere else.`, `grit logs -f ${name}`);
    case 'Started':
      return say(`Started ${name}${node}.`, `grit logs -f ${name}`);
    case 'Stopped':
      return say(`Stopped ${name}.`, `grit delete workload ${name}`);
    case 'Released':
      return say(`Released ${name}${released(status)}.`, `grit describe workload ${name}`);
    case 'Deleted':
      return say(`Deleted ${deleted(status, name)}.`);
    case 'ReturnedToSource':
      return say(`${name} was not moved; it runs again on its source node.`, `grit describe operation ${status.id}`);
    case 'Resumed':
      return say(`${name} goes on as if nothing had been.`, `grit describe operation ${status.id}`);
    case 'Held':
      return say(`${name} is frozen on its node; nothing is lost.`, `grit release ${name} --resume`);
    case 'StoppedWithCheckpoint':
      return say(
        `${name} does not run; its checkpoint ${checkpoint ?? ''} is complete.`,
        checkpoint === undefined ? `grit restore --workload ${name}` : `grit restore ${checkpoint}`,
      );
    case 'Unchanged':
      return say('Nothing was changed.', `grit describe operation ${status.id}`);
    case undefined:
      return say(`Operation ${status.id} is ${status.phase}.`, `grit describe operation ${status.id}`);
  }
}

/** Where it is worth saying: not from where it is looked for first. */
function takenFrom({ result }: OperationStatus): string {
  const storage = typeof result === 'object' && result !== null && 'storage' in result ? result['storage'] : undefined;
  return typeof storage === 'string' ? `, its copy in storage ${storage},` : '';
}

function nameOf(status: OperationStatus): string {
  const { request } = status;
  if (request.kind === 'run') return request.spec.name;
  return (
    request.workload?.name ?? (status.checkpoint === undefined ? 'the workload' : `checkpoint ${status.checkpoint}`)
  );
}

function after(status: OperationStatus): string {
  switch (modeAfter(status)) {
    case 'resume':
      return '; it goes on running';
    case 'stop':
      return '; it was stopped';
    case 'hold':
      return '; it is held frozen';
    default:
      return '';
  }
}

function nextAfterCheckpoint(status: OperationStatus, name: string): string {
  const mode = modeAfter(status);
  if (mode === 'hold') return `grit release ${name} --resume`;
  if (mode === 'stop') return `grit restore ${status.checkpoint ?? name}`;
  return `grit describe checkpoint ${status.checkpoint ?? ''}`.trimEnd();
}

/** What was done with the workload; without an answer of the server what was asked for. */
function modeAfter({ request, result }: OperationStatus): unknown {
  const done = typeof result === 'object' && result !== null && 'after' in result ? result['after'] : undefined;
  return done ?? (request.kind === 'checkpoint' ? request.afterCheckpoint : undefined);
}

function restoredOn(status: OperationStatus): string {
  const node = (status.request.kind === 'restore' ? status.request.node : undefined) ?? status.node;
  return node === undefined ? '' : ` on node ${node}`;
}

function released(status: OperationStatus): string {
  if (status.request.kind !== 'release') return '';
  return status.request.mode === 'resume' ? '; it runs again' : '; it was stopped';
}

function deleted(status: OperationStatus, name: string): string {
  const { checkpoint, storage } = status.request.kind === 'delete' ? status.request : {};
  if (checkpoint === undefined) return `workload ${name}`;
  return storage === undefined ? `checkpoint ${checkpoint}` : `checkpoint ${checkpoint} in storage ${storage}`;
}
