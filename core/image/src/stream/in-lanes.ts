// SPDX-License-Identifier: Apache-2.0

/**
 * Does `work` for 0 … count-1, at most `lanes` at a time. After the first failure nothing new is begun, what runs is waited for,
 * and that failure is thrown: when it returns, nothing is under way any more.
 */
export async function inLanes(
  count: number,
  lanes: number,
  work: (index: number, lane: number) => Promise<void>,
): Promise<void> {
  const failures: unknown[] = [];
  let next = 0;
  const run = async (lane: number): Promise<void> => {
    while (next < count && failures.length === 0) {
      try {
        await work(next++, lane);
      } catch (error) {
        failures.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(lanes, count) }, (_, lane) => run(lane)));
  if (failures.length > 0) throw failures[0];
}
