// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { isGritError, type DeviceUse, type GritError } from '@grit/plugin-api';
import type { Job } from './job.js';
import { endingOf, keepsOthers, type Fault, type Row } from './rows.js';

const signal = new AbortController().signal;
/** Of the call that hangs. One that is cut off before it met the fault is no trial of it, and gets more time. */
const SHORT_MS = [250, 500, 1_000, 4_000, 16_000];

/** Tries one fault at one call of one process; the job is whole again afterwards. @param target - index of the process */
export async function tryFault(job: Job, row: Row, fault: Fault, target: number): Promise<void> {
  for (const shortMs of SHORT_MS) {
    if (await tryOnce(job, row, fault, target, shortMs)) return;
  }
  assert.fail('the call never came as far as to the fault');
}

/** False: the fault was not met. */
async function tryOnce(job: Job, row: Row, fault: Fault, target: number, shortMs: number): Promise<boolean> {
  const uses = await job.uses();
  const { pid } = uses[target]!;
  if (row.operation === 'resume' || row.operation === 'restore') await job.driver.quiesce(uses, signal);
  // The proxies have begun: what a call with a short limit waits for is the fault alone.
  else await job.cuda.prepare(uses.length, signal);
  await job.cuda.state(pid, signal);
  await arm(job, row, fault, pid, shortMs);
  const error = await operate(job, row, uses);
  const left = fault === 'hang' ? job.leftByShort : await job.sim.armed();
  if (left > 0) await job.sim.clear();
  job.cuda.expect(undefined);
  await check(job, row, fault, uses, pid, error);
  if (fault === 'hang') return left === 0;
  assert.equal(left, 0, 'the fault was not met');
  return true;
}

async function arm(job: Job, { call, skip, trigger }: Row, fault: Fault, pid: number, shortMs: number): Promise<void> {
  const { sim, cuda } = job;
  if (trigger !== undefined) await sim.inject({ call: trigger.call, result: 1, pid, after: trigger.after });
  if (skip > 0) await sim.inject({ call, result: 0, pid, count: skip });
  const killed = fault === 'killed';
  await sim.inject({ call, result: killed ? 0 : fault, pid, kill: killed });
  cuda.expect(fault === 'hang' ? { call, pid, skip, short: job.shortApi(shortMs) } : undefined);
}

async function operate(job: Job, { operation }: Row, uses: readonly DeviceUse[]): Promise<unknown> {
  const { driver } = job;
  try {
    if (operation === 'discover') await driver.discover(uses, signal);
    if (operation === 'quiesce') await driver.quiesce(uses, signal);
    if (operation === 'resume') await driver.resume(uses, signal);
    if (operation === 'restore') await driver.restore(job.swapped(uses), signal);
    return undefined;
  } catch (error) {
    return error;
  }
}

/** Every process counts on with the right contents, or the error says of exactly those that do not that they cannot. */
async function check(
  job: Job,
  row: Row,
  fault: Fault,
  uses: readonly DeviceUse[],
  pid: number,
  error: unknown,
): Promise<void> {
  const { code, named } = endingOf(row, fault);
  assert.ok(error === undefined || isGritError(error), `it has no code: ${String(error)}`);
  assert.equal(error?.code, code, error?.message);
  const lost = lostIn(error);
  assert.deepEqual(lost, named ? [pid] : []);
  // What was stuck is tried again, and nothing else is needed.
  if (code === 'GRIT_TIMEOUT' && row.operation === 'restore') await job.driver.restore(job.swapped(uses), signal);
  else if (code === 'GRIT_TIMEOUT') await job.driver.resume(uses, signal);
  const index = job.counters.findIndex((counter) => counter.pid === pid);
  const away = fault === 'killed' ? [pid] : lost;
  if (fault === 'killed') await job.counters[index]!.isGone();
  else if (named) await checkStopped(job, pid);
  if (keepsOthers(row, fault))
    await takeUp(
      job,
      uses.filter((use) => use.pid !== pid),
    );
  await job.allGoOn(away);
  if (away.length > 0) await job.replace(index);
}

/** The others have all that they had, and wait. */
async function takeUp(job: Job, others: readonly DeviceUse[]): Promise<void> {
  for (const { pid } of others) assert.equal(await job.cuda.state(pid, signal), 'locked');
  await job.driver.resume(others, signal);
}

async function checkStopped({ sim }: Job, pid: number): Promise<void> {
  const state = (await sim.processes()).find((process) => process.pid === pid)?.state;
  assert.ok(state === 'locked' || state === 'checkpointed', `pid ${pid} is said to be lost, and is ${state}`);
}

function lostIn(error: GritError | undefined): readonly number[] {
  return error?.code === 'GRIT_DEVICE_LOST' ? (error.details?.['pids'] as readonly number[]) : [];
}
