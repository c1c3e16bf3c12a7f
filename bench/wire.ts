// SPDX-License-Identifier: Apache-2.0
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BenchOptions } from './frame/bench-options.js';
import type { Measurements } from './frame/bench-result.js';
import { interleave } from './frame/rounds.js';
import { shell } from './image/timed-run.js';
import { startByteServer } from './wire/start-byte-server.js';

const CLIENT = join(import.meta.dirname, 'wire/client.ts');
const PLAIN = [
  's3-download',
  'wire-download',
  'raw-download',
  'sdk-download',
  's3-upload',
  'wire-upload',
  'raw-upload',
] as const;
const TLS = ['s3-download', 'raw-download', 's3-upload', 'raw-upload'] as const;

/** MiB of the file that uploads are from: a pack. */
const PACK_MIB = 64;

interface Numbers {
  readonly mbPerSecond: number;
  readonly cpuPerGb: number;
  readonly rss: number;
}

/** Bytes over HTTP: our store and its client, a raw socket and the SDK, each in a process of its own, against a server in C. */
export async function measure(options: BenchOptions): Promise<Measurements> {
  const directory = await mkdtemp(join(tmpdir(), 'grit-bench-'));
  const bytes = Math.round((options.quick ? 1 : 4) * 2 ** 30 * options.scale);
  const file = join(directory, 'pack');
  await shell(`dd if=/dev/urandom of=${file} bs=1M count=${PACK_MIB} status=none`);
  try {
    const plain = await measureWays(options, PLAIN, await startByteServer(directory, false), { bytes, file });
    const server = await startByteServer(directory, true).catch((error: unknown) => {
      options.say(`TLS left out: the server needs OpenSSL (libssl-dev): ${String(error).slice(0, 200)}`);
      return undefined;
    });
    const tls = server && (await measureWays(options, TLS, server, { bytes, file }));
    return {
      rounds: options.rounds,
      figures: { ...figuresOf(plain, ''), ...(tls && figuresOf(tls, 'tls_')) },
      ratios: {
        ...ratiosOf(plain, 's3', ''),
        ...ratiosOf(plain, 'wire', 'wire_'),
        download_vs_sdk: ratio(plain, 's3-download', 'sdk-download'),
        wire_download_vs_sdk: ratio(plain, 'wire-download', 'sdk-download'),
        ...(tls && ratiosOf(tls, 's3', 'tls_')),
      },
    };
  } finally {
    await rm(directory, { recursive: true });
  }
}

type Ways = Record<string, readonly Numbers[]>;

async function measureWays(
  options: BenchOptions,
  ways: readonly string[],
  server: Awaited<ReturnType<typeof startByteServer>>,
  data: { readonly bytes: number; readonly file: string },
): Promise<Ways> {
  try {
    const contenders = Object.fromEntries(ways.map((way) => [way, () => run(way, server, data)]));
    return await interleave<string, Numbers>(options.rounds, contenders, (round) =>
      options.say(`${server.caFile === undefined ? '' : 'TLS: '}round ${round} of ${options.rounds}`),
    );
  } finally {
    await server.stop();
  }
}

async function run(
  way: string,
  { port, caFile = '-' }: { readonly port: string; readonly caFile?: string | undefined },
  { bytes, file }: { readonly bytes: number; readonly file: string },
): Promise<Numbers> {
  const command = [process.execPath, '--no-warnings', CLIENT, way, port, bytes, caFile, file].join(' ');
  const { stdout } = await shell(command, { NODE_OPTIONS: '' });
  const { seconds, cpu, rss } = JSON.parse(stdout) as { seconds: number; cpu: number; rss: number };
  return { mbPerSecond: bytes / 1e6 / seconds, cpuPerGb: cpu / (bytes / 1e9), rss };
}

function figuresOf(ways: Ways, prefix: string): Measurements['figures'] {
  const figures = Object.entries(ways).flatMap(([way, numbers]): [string, Measurements['figures'][string]][] => {
    const name = `${prefix}${way.replace('-', '_')}`;
    return [
      [`${name}_mb_per_s`, { unit: 'MB/s', samples: numbers.map(({ mbPerSecond }) => mbPerSecond) }],
      [`${name}_cpu_s_per_gb`, { unit: 's/GB', samples: numbers.map(({ cpuPerGb }) => cpuPerGb) }],
      [`${name}_rss_mb`, { unit: 'MB', samples: numbers.map(({ rss }) => rss) }],
    ];
  });
  return Object.fromEntries(figures);
}

function ratiosOf(ways: Ways, ours: string, prefix: string): Measurements['ratios'] {
  return {
    [`${prefix}download_vs_raw`]: ratio(ways, `${ours}-download`, 'raw-download'),
    [`${prefix}upload_vs_raw`]: ratio(ways, `${ours}-upload`, 'raw-upload'),
  };
}

function ratio(ways: Ways, ours: string, theirs: string): number[] {
  const yardstick = ways[theirs] ?? [];
  return (ways[ours] ?? []).map(({ mbPerSecond }, round) => mbPerSecond / (yardstick[round]?.mbPerSecond ?? NaN));
}
