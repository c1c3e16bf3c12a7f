// SPDX-License-Identifier: Apache-2.0
import { SEED, randomOf } from '../image-put/corpus.js';
import { COLUMNS } from './columns.js';
import { OPERATIONS } from './operations.js';
import { fits, requestsOf, runCell, type Outcome } from './run-cell.js';
import type { Service } from './service.js';
import { SERVICES } from './services.js';

const FULL = process.env.GRIT_MATRIX === 'full';
/** One of so many cells is tried by default. */
const STRIDE = 12;
const LANES = 4;

describe(`object stores: faults of the network and of the service (seed ${SEED})`, function () {
  this.timeout(600_000);
  for (const [at, { name, start }] of SERVICES.entries()) {
    describe(name, () => {
      const outcomes: Outcome[] = [];
      let service: Service | undefined;
      before(async function () {
        service = await start(this);
      });
      after(async () => {
        await service?.stop();
        const count = (outcome: Outcome): number => outcomes.filter((one) => one === outcome).length;
        const combinations = count('resumed') + count('coded');
        console.log(
          `      ${name}: ${combinations} combinations: ${count('resumed')} resumed, ${count('coded')} coded errors`,
        );
      });

      for (const [row, operation] of OPERATIONS.entries()) {
        it(operation.name, async () => {
          const running = service!;
          const requests = await requestsOf(running, operation);
          const columns = COLUMNS.filter((_, column) => FULL || isChosen(at, row, column));
          const cells = columns.flatMap((column) => {
            const possible = requests.filter((request) => fits(running, column, request));
            const seed = `${name}/${operation.name}/${column.name}`;
            return chosen(seed, possible.length).map((nth) => ({ column, nth }));
          });
          await inLanes(cells, async ({ column, nth }) => {
            const outcome = await runCell({ service: running, operation, column, nth }).catch((cause: unknown) => {
              throw new Error(`${column.name}, at request ${nth} (seed ${SEED}): ${String(cause)}`, { cause });
            });
            outcomes.push(outcome);
          });
        });
      }
    });
  }
});

/** Every row has some of the columns, and every column some of the rows; the other service has others. */
function isChosen(service: number, row: number, column: number): boolean {
  return (row * 5 + column + service * (STRIDE >> 1)) % STRIDE === 0;
}

/** At which of the requests that it can happen to. */
function chosen(seed: string, count: number): number[] {
  if (FULL) return Array.from({ length: count }, (_, at) => at + 1);
  if (count === 0) return [];
  // At the first one the most depends on it.
  return [randomOf(`${seed}/first`) < 0.4 ? 1 : 1 + Math.floor(randomOf(`${seed}/which`) * count)];
}

async function inLanes<T>(all: readonly T[], run: (one: T) => Promise<void>): Promise<void> {
  let next = 0;
  const lane = async (): Promise<void> => {
    for (let at = next++; at < all.length; at = next++) await run(all[at]!);
  };
  // All of them end, also where one fails: none works on while the next test begins.
  const ended = await Promise.allSettled(Array.from({ length: LANES }, lane));
  for (const result of ended) if (result.status === 'rejected') throw result.reason;
}
