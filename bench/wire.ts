// SPDX-License-Identifier: Apache-2.0
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { BenchOptions } from './frame/bench-options.js';
import type { Measurements } from './frame/bench-result.js';
import { interleave } from './frame/rounds.js';
import { shell } from './image/timed-run.js';

const CLIENT = join(import.meta.dirname, 'wire/client.ts');
const WAYS = ['wire-download', 'raw-download', 'sdk-download', 'wire-upload', 'raw-upload'] as const;

interface Numbers {
  readonly mbPerSecond: number;
  readonly cpuPerGb: number;
  readonly rss: number;
}

/** Bytes over HTTP without TLS: our client, a raw socket and the SDK, each in a process of its own, against a server in C. */
export async function measure(options: BenchOptions): Promise<Measurements> {
  const directory = await mkdtemp(join(tmpdir(), 'grit-bench-'));
  const program = join(directory, 'byte-server');
  await shell(`cc -O2 -pthread -o ${program} ${join(import.meta.dirname, 'wire/byte-server.c')}`);
  const server = spawn(program, { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = once(server, 'close');
  const bytes = Math.round((options.quick ? 1 : 4) * 2 ** 30 * options.scale);
  try {
    const [port] = (await once(createInterface(server.stdout), 'line')) as [string];
    const contenders = Object.fromEntries(WAYS.map((way) => [way, () => run(way, port, bytes)]));
    const numbers = await interleave<string, Numbers>(options.rounds, contenders, (round) =>
      options.say(`round ${round} of ${options.rounds}`),
    );
    const rates = (way: (typeof WAYS)[number]): number[] => (numbers[way] ?? []).map(({ mbPerSecond }) => mbPerSecond);
    const ratio = (ours: (typeof WAYS)[number], theirs: (typeof WAYS)[number]): number[] => {
      const yardstick = rates(theirs);
      return rates(ours).map((rate, round) => rate / (yardstick[round] ?? NaN));
    };
    const figures = WAYS.flatMap((way): [string, Measurements['figures'][string]][] => {
      const name = way.replace('-', '_');
      const of = numbers[way] ?? [];
      return [
        [`${name}_mb_per_s`, { unit: 'MB/s', samples: rates(way) }],
        [`${name}_cpu_s_per_gb`, { unit: 's/GB', samples: of.map(({ cpuPerGb }) => cpuPerGb) }],
        [`${name}_rss_mb`, { unit: 'MB', samples: of.map(({ rss }) => rss) }],
      ];
    });
    return {
      rounds: options.rounds,
      figures: Object.fromEntries(figures),
      ratios: {
        download_vs_sdk: ratio('wire-download', 'sdk-download'),
        download_vs_raw: ratio('wire-download', 'raw-download'),
        upload_vs_raw: ratio('wire-upload', 'raw-upload'),
      },
    };
  } finally {
    server.stdin.end();
    await ended;
    await rm(directory, { recursive: true });
  }
}

async function run(way: string, port: string, bytes: number): Promise<Numbers> {
  const { stdout } = await shell(`${process.execPath} --import tsx ${CLIENT} ${way} ${port} ${bytes}`);
  const { seconds, cpu, rss } = JSON.parse(stdout) as { seconds: number; cpu: number; rss: number };
  return { mbPerSecond: bytes / 1e6 / seconds, cpuPerGb: cpu / (bytes / 1e9), rss };
}
