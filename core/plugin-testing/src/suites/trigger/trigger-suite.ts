// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { GritError, isErrorCode, API_VERSION, type OperationRequest, type Trigger } from '@grit/plugin-api';
import { NEVER, eventually } from '../expect.js';
import { testFunctionsOf, type TestFunctions } from '../test-functions.js';
import { MemoryOperations } from './memory-operations.js';

/** What the outside was told about an event. */
export interface TriggerAnswer {
  readonly phase?: string | undefined;
  readonly outcome?: string | undefined;
  /** Code of the catalogue. */
  readonly code?: string | undefined;
}

/** A trigger under test together with its outside world: fresh for every case. */
export interface TriggerSubject {
  readonly trigger: Trigger;
  /** Makes an event happen. The same event again (same name, same request) is what a second watcher would see. */
  emit(event: string, request: OperationRequest): Promise<void>;
  /** Makes an event happen that is no valid request. */
  emitMalformed(event: string): Promise<void>;
  /** What the outside was told at last; undefined while it was told nothing final. */
  answerTo(event: string): Promise<TriggerAnswer | undefined>;
  /** Another trigger for the same outside, as after a restart of the server. */
  reopen(): Promise<Trigger>;
}

/** What {@link triggerSuite} needs. */
export interface TriggerSuiteOptions extends Partial<TestFunctions> {
  /** Title of the suite; default `trigger`. */
  readonly title?: string | undefined;
  /** Makes a trigger that is not started. Called once for each case. */
  readonly create: () => Promise<TriggerSubject>;
  /** Removes the outside world; the suite has stopped the trigger. */
  readonly destroy: (subject: TriggerSubject) => Promise<void>;
}

type Case = (
  subject: TriggerSubject,
  operations: MemoryOperations,
  run: (trigger: Trigger) => Promise<void>,
) => Promise<void>;

const REQUEST: OperationRequest = {
  apiVersion: API_VERSION,
  kind: 'checkpoint',
  workload: { kind: 'container', name: 'train' },
};

const CASES: Readonly<Record<string, Case>> = {
  'an event becomes one request with an idempotency key': async (subject, operations, run) => {
    await run(subject.trigger);
    await subject.emit('one', REQUEST);
    const [operation] = await submitted(operations, 1);
    assert.equal(operation?.kind, 'checkpoint');
    const { idempotencyKey, requestedBy } = operation.request;
    assert.ok(idempotencyKey !== undefined && idempotencyKey.length <= 200, 'no usable idempotencyKey');
    assert.ok(requestedBy !== undefined, 'requestedBy is for the audit');
  },
  'an event seen twice is one request': async (subject, operations, run) => {
    await run(subject.trigger);
    await subject.emit('twice', REQUEST);
    await submitted(operations, 1);
    await subject.emit('twice', REQUEST);
    // An event that comes later is done later: when it is there, the second sight was dealt with.
    await subject.emit('after', REQUEST);
    await submitted(operations, 2);
    assert.equal(operations.all.length, 2);
  },
  'events from before the start count': async (subject, operations, run) => {
    await subject.emit('early', REQUEST);
    await run(subject.trigger);
    await submitted(operations, 1);
  },
  'events during an outage of the queue are delivered once when it is back': async (subject, operations, run) => {
    await run(subject.trigger);
    operations.down = true;
    await subject.emit('first', REQUEST);
    await subject.emit('second', REQUEST);
    await eventually('the trigger meets the outage', () => operations.refused > 0);
    assert.equal(operations.all.length, 0);
    operations.down = false;
    await submitted(operations, 2);
    await endAll(subject, operations, ['first', 'second']);
    assert.equal(operations.all.length, 2);
  },
  'the end is written back, good or bad': async (subject, operations, run) => {
    await run(subject.trigger);
    await subject.emit('good', REQUEST);
    const [good] = await submitted(operations, 1);
    operations.end(good?.id ?? '', { phase: 'Succeeded', outcome: 'Checkpointed' });
    const answer = await told(subject, 'good');
    assert.deepEqual([answer.phase, answer.outcome, answer.code], ['Succeeded', 'Checkpointed', undefined]);

    await subject.emit('bad', REQUEST);
    const [, bad] = await submitted(operations, 2);
    const error = new GritError('GRIT_DUMP_FAILED', 'injected').toJSON();
    operations.end(bad?.id ?? '', { phase: 'Failed', outcome: 'Resumed', error });
    const second = await told(subject, 'bad');
    assert.deepEqual([second.phase, second.outcome, second.code], ['Failed', 'Resumed', 'GRIT_DUMP_FAILED']);
  },
  'malformed input is answered with a code and starts nothing': async (subject, operations, run) => {
    await run(subject.trigger);
    await subject.emitMalformed('broken');
    const { code } = await told(subject, 'broken');
    assert.ok(code !== undefined && isErrorCode(code), `${String(code)} is not in the catalogue`);
    assert.equal(operations.all.length, 0);
    // It has not hurt the trigger.
    await subject.emit('whole', REQUEST);
    await submitted(operations, 1);
  },
  'a request that the platform refuses is answered with its code': async (subject, operations, run) => {
    await run(subject.trigger);
    await subject.emit('unknown-version', { ...REQUEST, apiVersion: 'grit.dev/v999' as typeof API_VERSION });
    const { code } = await told(subject, 'unknown-version');
    assert.ok(code !== undefined && isErrorCode(code), `${String(code)} is not in the catalogue`);
    assert.equal(operations.all.length, 0);
  },
  'stop drains: what was at hand comes exactly once, later events wait for the next start': async (
    subject,
    operations,
    run,
  ) => {
    await run(subject.trigger);
    await subject.emit('at-hand', REQUEST);
    await subject.trigger.stop(NEVER);
    const atStop = operations.all.length;
    await subject.emit('later', REQUEST);
    await run(await subject.reopen());
    await submitted(operations, 2);
    assert.ok(atStop <= 1);
    assert.equal(operations.all.length, 2);
  },
  'stop ends the trigger: it takes nothing any more, and a second stop is fine': async (subject, operations, run) => {
    await run(subject.trigger);
    await subject.trigger.stop(NEVER);
    await subject.emit('too-late', REQUEST);
    await subject.trigger.stop(NEVER);
    assert.equal(operations.all.length, 0);
  },
  'an operation that ends while the trigger is down is answered after the restart': async (
    subject,
    operations,
    run,
  ) => {
    await run(subject.trigger);
    await subject.emit('patient', REQUEST);
    const [operation] = await submitted(operations, 1);
    await subject.trigger.stop(NEVER);
    assert.equal(await subject.answerTo('patient'), undefined);
    operations.end(operation?.id ?? '', { phase: 'Succeeded', outcome: 'Checkpointed' });
    await run(await subject.reopen());
    assert.equal((await told(subject, 'patient')).outcome, 'Checkpointed');
    assert.equal(operations.all.length, 1);
  },
};

/** The cases that every Trigger has to pass. Call it in a test file, under any runner that has `describe` and `it`. */
export function triggerSuite(options: TriggerSuiteOptions): void {
  const { describe, it } = testFunctionsOf(options);
  describe(options.title ?? 'trigger', () => {
    for (const [title, body] of Object.entries(CASES)) it(title, () => runCase(options, body));
  });
}

async function runCase(options: TriggerSuiteOptions, body: Case): Promise<void> {
  const subject = await options.create();
  const operations = new MemoryOperations();
  const started: Trigger[] = [];
  try {
    await body(subject, operations, async (trigger) => {
      started.push(trigger);
      await trigger.start(operations, NEVER);
    });
  } finally {
    for (const trigger of started) await trigger.stop(NEVER);
    await options.destroy(subject);
  }
}

function submitted(operations: MemoryOperations, count: number): Promise<MemoryOperations['all']> {
  return eventually(`${count} operations`, () => operations.all.length >= count && operations.all);
}

function told(subject: TriggerSubject, event: string): Promise<TriggerAnswer> {
  return eventually(`the answer to ${event}`, () => subject.answerTo(event));
}

async function endAll(subject: TriggerSubject, operations: MemoryOperations, events: readonly string[]): Promise<void> {
  for (const { id } of operations.all) operations.end(id, { phase: 'Succeeded', outcome: 'Checkpointed' });
  for (const event of events) await told(subject, event);
}
