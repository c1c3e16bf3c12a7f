// SPDX-License-Identifier: Apache-2.0
import { machineFacts, type MachineFacts } from './machine-facts.js';
import { sourceCommit } from './source-commit.js';
import { summarize, type Samples, type Summary } from './summary.js';

/** A figure with its unit. */
interface Figure extends Summary {
  readonly unit: string;
}

/** What a bench prints and writes: the format of all benches. */
export interface BenchResult {
  readonly name: string;
  readonly commit: string;
  readonly machine: MachineFacts;
  readonly rounds: number;
  readonly figures: Readonly<Record<string, Figure>>;
  readonly ratios: Readonly<Record<string, Summary>>;
}

/** The samples of a bench: one number a round each. */
export interface Measurements {
  readonly rounds: number;
  readonly figures: Readonly<Record<string, { readonly unit: string; readonly samples: Samples }>>;
  /** Ours by the yardstick's, of the same round. */
  readonly ratios: Readonly<Record<string, Samples>>;
}

export async function toResult(name: string, measured: Measurements): Promise<BenchResult> {
  const figures = Object.entries(measured.figures).map(([key, { unit, samples }]): [string, Figure] => [
    key,
    { ...summarize(samples), unit },
  ]);
  const ratios = Object.entries(measured.ratios).map(([key, samples]): [string, Summary] => [key, summarize(samples)]);
  return {
    name,
    commit: await sourceCommit(),
    machine: machineFacts(),
    rounds: measured.rounds,
    figures: Object.fromEntries(figures),
    ratios: Object.fromEntries(ratios),
  };
}
