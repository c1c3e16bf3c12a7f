// SPDX-License-Identifier: Apache-2.0
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { GritJob } from '../checkpoint/grit-job.js';
import type { BenchOptions } from '../frame/bench-options.js';
import type { Measurements } from '../frame/bench-result.js';
import { interleave } from '../frame/rounds.js';
import { compileDropServer, withDropServer } from './drop-server.js';
import { put } from './ours.js';
import { settle } from './timed-run.js';

const JOB = join(import.meta.dirname, 'job.py');
const LAYERS = 12;

/** From the freeze to the commit in the store; not the read back behind it, nor what queue and command cost. */
const UNTIL_SEALED = ['hold', 'freeze', 'dump', 'seal', 'store'];

/**
 * How long a training job of 2.8 GB is frozen until its image is sealed in the store, next to the bare dump into a page server that
 * drops everything, and to a dump into files that are then stored.
 */
export async function measure(options: BenchOptions): Promise<Measurements> {
  const work = await mkdtemp('/var/tmp/grit-bench-');
  const layers = Math.max(1, Math.round(LAYERS * options.scale));
  const job = await GritJob.run(['/usr/bin/python3', JOB, 'full', String(layers), '/tmp/steps', '2'], 'step 2');
  try {
    const program = await compileDropServer(work);
    const { sealed, stream, files } = await interleave<'sealed' | 'stream' | 'files', number>(
      options.rounds,
      {
        sealed: async () => {
          await settle();
          const phases = await job.phasesOfFirst();
          return UNTIL_SEALED.reduce((sum, phase) => sum + (phases.get(phase) ?? 0), 0) / 1000;
        },
        stream: async () => {
          await settle();
          const target = join(work, 'stream');
          const seconds = await withDropServer(program, (port) =>
            job.runcDump(target, '--page-server', `127.0.0.1:${port}`),
          );
          await rm(target, { recursive: true });
          return seconds;
        },
        files: async () => {
          await settle();
          const target = join(work, 'files');
          const started = performance.now();
          await job.runcDump(target);
          const dumped = (performance.now() - started) / 1000;
          const stored = await put(join(work, 'store'), 'files', join(target, 'image'));
          await rm(target, { recursive: true });
          await rm(join(work, 'store'), { recursive: true });
          return dumped + stored.seconds;
        },
      },
      (round) => options.say(`  round ${round} of ${options.rounds}`),
    );
    return {
      rounds: options.rounds,
      figures: {
        sealed_s: { unit: 's', samples: sealed },
        sealed_stream_s: { unit: 's', samples: stream },
        sealed_files_s: { unit: 's', samples: files },
      },
      ratios: {
        sealed_vs_stream: sealed.map((ours, round) => ours / (stream[round] ?? NaN)),
        sealed_vs_files: sealed.map((ours, round) => (files[round] ?? NaN) / ours),
      },
    };
  } finally {
    await job.stop();
    await rm(work, { recursive: true, force: true });
  }
}
