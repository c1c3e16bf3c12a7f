// SPDX-License-Identifier: Apache-2.0
import type { BenchOptions } from './frame/bench-options.js';
import type { Measurements } from './frame/bench-result.js';

type Sections = Record<string, () => Promise<{ measure: (options: BenchOptions) => Promise<Measurements> }>>;

/** What the data plane costs, section by section; see README. */
const SECTIONS: Sections = {
  synthetic: () => import('./image/synthetic.js'),
  real: () => import('./image/real.js'),
  slow: () => import('./image/slow.js'),
  running: () => import('./image/running.js'),
  sealed: () => import('./image/sealed.js'),
};

/** The same over a store that is no directory. */
const STORES: Record<string, Sections> = {
  s3: { s3: () => import('./image/s3.js'), wire: () => import('./wire.js') },
};

/** Runs the sections, or those of `--only`, one after the other. */
export async function measure(options: BenchOptions): Promise<Measurements> {
  const sections = options.store === undefined ? SECTIONS : STORES[options.store];
  if (sections === undefined) throw new Error(`no store ${options.store}; there are ${Object.keys(STORES).join(', ')}`);
  const names = options.only.length > 0 ? options.only : Object.keys(sections);
  const unknown = names.find((name) => !Object.hasOwn(sections, name));
  if (unknown !== undefined) throw new Error(`no section ${unknown}; there are ${Object.keys(sections).join(', ')}`);
  const all: Measurements[] = [];
  for (const name of names) {
    options.say(`section ${name}`);
    const section = await sections[name]?.();
    if (section !== undefined) all.push(await section.measure(options));
  }
  return {
    rounds: options.rounds,
    figures: Object.assign({}, ...all.map(({ figures }) => figures)) as Measurements['figures'],
    ratios: Object.assign({}, ...all.map(({ ratios }) => ratios)) as Measurements['ratios'],
  };
}
