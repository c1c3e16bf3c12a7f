// SPDX-License-Identifier: Apache-2.0

/** One thing that is measured in each round, under its name; it returns its numbers. */
export type Contender<Numbers> = () => Promise<Numbers>;

/**
 * Runs all contenders once per round, ours and the yardstick next to each other, and turns the order round each time,
 * so that a drift of the machine meets both. The first round warms up and does not count.
 */
export async function interleave<Name extends string, Numbers>(
  rounds: number,
  contenders: Readonly<Record<Name, Contender<Numbers>>>,
  onRound?: (round: number) => void,
): Promise<Record<Name, Numbers[]>> {
  const names = Object.keys(contenders) as Name[];
  const numbers = Object.fromEntries(names.map((name) => [name, []])) as unknown as Record<Name, Numbers[]>;
  for (let round = 0; round <= rounds; round += 1) {
    for (const name of round % 2 === 0 ? names : names.toReversed()) {
      const measured = await contenders[name]();
      if (round > 0) numbers[name].push(measured);
    }
    if (round > 0) onRound?.(round);
  }
  return numbers;
}
