// SPDX-License-Identifier: Apache-2.0
import type { BenchOptions } from './frame/bench-options.js';
import type { Measurements } from './frame/bench-result.js';

/** What the data plane costs, section by section; see README. */
const SECTIONS: Record<string, () => Promise<{ measure: (options: BenchOptions) => Promise<Measurements> }>> = {
  synthetic: () => import('./image/synthetic.js'),
  real: () => import('./image/real.js'),
  slow: () => import('./image/slow.js'),
  running: () => import('./image/running.js'),
  sealed: () => import('./image/sealed.js'),
};

/** Runs the sections, or those of `--only`, one after the other. */
export async function measure(options: BenchOptions): Promise<Measurements> {
  const names = options.only.length > 0 ? options.only : Object.keys(SECTIONS);
  const unknown = names.find((name) => !Object.hasOwn(SECTIONS, name));
  if (unknown !== undefined) throw new Error(`no section ${unknown}; there are ${Object.keys(SECTIONS).join(', ')}`);
  const all: Measurements[] = [];
  for (const name of names) {
    options.say(`section ${name}`);
    const section = await SECTIONS[name]?.();
    if (section !== undefined) all.push(await section.measure(options));
  }
  return {
    rounds: options.rounds,
    figures: Object.assign({}, ...all.map(({ figures }) => figures)) as Measurements['figures'],
    ratios: Object.assign({}, ...all.map(({ ratios }) => ratios)) as Measurements['ratios'],
  };
}
