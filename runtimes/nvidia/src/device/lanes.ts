// SPDX-License-Identifier: Apache-2.0
import { homesOf, type Lodger } from './lodger.js';

/**
 * Processes that have memory on the same GPU are in one lane, and go through it one after the other; lanes run side by side: two that move memory of
 * the same GPU at once gain nothing and need the room of both.
 */
export function lanesOf<T extends Lodger>(uses: readonly T[]): readonly (readonly T[])[] {
  const lanes: { devices: Set<string>; uses: T[] }[] = [];
  for (const use of uses) {
    const devices = new Set(homesOf(use));
    const joined = lanes.filter((lane) => [...devices].some((device) => lane.devices.has(device)));
    for (const lane of joined) {
      lanes.splice(lanes.indexOf(lane), 1);
      lane.devices.forEach((device) => devices.add(device));
    }
    lanes.push({ devices, uses: [...joined.flatMap((lane) => lane.uses), use] });
  }
  return lanes.map((lane) => lane.uses);
}

/** Runs the step for each, lanes side by side; all are tried. Throws what failed first. */
export async function runInLanes<T extends Lodger>(uses: readonly T[], step: (use: T) => Promise<void>): Promise<void> {
  const lanes = lanesOf(uses).map(async (lane) => {
    for (const use of lane) await step(use);
  });
  await allOrFirst(lanes);
}

/** Waits for all of them. Throws what failed first, in time. */
export async function allOrFirst(jobs: readonly Promise<unknown>[]): Promise<void> {
  const errors: unknown[] = [];
  await Promise.all(jobs.map(async (job) => job.catch((error: unknown) => void errors.push(error))));
  if (errors.length > 0) throw errors[0];
}
