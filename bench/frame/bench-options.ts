// SPDX-License-Identifier: Apache-2.0
import { parseArgs } from 'node:util';

/** What every bench is told. */
export interface BenchOptions {
  /** Fewer and smaller rounds. */
  readonly quick: boolean;
  readonly rounds: number;
  /** Sections of a bench that has some; empty: all. */
  readonly only: readonly string[];
  /** Size of the data by its full size. */
  readonly scale: number;
  /** The store that is measured instead of a directory, for a bench that has one. */
  readonly store: string | undefined;
  /** A line about how far it is. */
  readonly say: (line: string) => void;
}

/** A bench file: `bench/NAME.ts` exports `measure`. */
export interface BenchCommand extends BenchOptions {
  readonly name: string;
  readonly json: string | undefined;
}

export function parseBenchCommand(args: readonly string[]): BenchCommand {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      quick: { type: 'boolean', default: false },
      json: { type: 'string' },
      rounds: { type: 'string' },
      only: { type: 'string', default: '' },
      scale: { type: 'string', default: '1' },
      store: { type: 'string' },
    },
  });
  const [name = '', ...rest] = positionals;
  if (rest.length > 0) throw new Error(`one bench at a time, not also ${rest.join(' ')}`);
  const say = (line: string): void => void process.stderr.write(`${line}\n`);
  return {
    name,
    quick: values.quick,
    rounds: values.rounds === undefined ? (values.quick ? 3 : 5) : positive('--rounds', values.rounds),
    only: values.only.split(',').filter((section) => section !== ''),
    scale: positive('--scale', values.scale),
    store: values.store,
    json: values.json,
    say,
  };
}

function positive(option: string, text: string): number {
  const value = Number(text);
  if (value > 0 && Number.isFinite(value)) return value;
  throw new Error(`${option} ${text} is no positive number`);
}
