// SPDX-License-Identifier: Apache-2.0

const WINDOW = 64;

/** Does `count` things, 64 of them on their way at a time. */
export async function atOnce(count: number, make: (index: number) => Promise<unknown>): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < count) await make(next++);
  };
  await Promise.all(Array.from({ length: WINDOW }, worker));
}
