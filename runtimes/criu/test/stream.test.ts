// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdir, readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { GritError, isGritError, type PageSink, type PageStream, type WorkloadRef } from '@grit/plugin-api';
import { FileImageSink } from '@grit/plugin-testing';
import { toolsWorkingOn } from '../src/process/process-facts.js';
import { eventually } from './node/eventually.js';
import { missingTools } from './node/missing-tools.js';
import { NEVER, TestNode } from './node/test-node.js';

const LARGE_MB = Number(process.env.GRIT_MEMORY_MB ?? 300);
const SMALL_MB = 48;
/** Less than the small job has: a sink that fails after so much fails in the middle. */
const FAIL_AFTER = 20 << 20;

const STALLED_DUMP = fileURLToPath(new URL('node/stalled-dump.ts', import.meta.url));

/** Holds memory that no two pages of are alike, and checks all of it now and then. */
const job = (megabytes: number): readonly string[] => [
  '-c',
  `
import hashlib, random, time
data = bytearray(random.Random(5).randbytes(1 << 20) * ${megabytes})
for page in range(0, len(data), 4096):
    data[page:page + 4] = page.to_bytes(4, "little")
digest = hashlib.sha1(data).hexdigest()
n = 0
while True:
    n += 1
    print("line", n, flush=True)
    time.sleep(0.02)
    if n % 20 == 0:
        assert hashlib.sha1(data).hexdigest() == digest
`,
];

describe('memory that streams', function () {
  this.timeout(180_000);
  let node: TestNode;

  before(async function () {
    const missing = await missingTools();
    if (missing !== undefined) this.skip(missing);
  });
  beforeEach(async () => {
    node = await TestNode.open();
  });
  afterEach(async () => node.close());

  for (const [pages, megabytes] of [
    ['stream', LARGE_MB],
    ['files', SMALL_MB],
  ] as const) {
    it(`a job of ${megabytes} MB goes on from its image, with \`pages: ${pages}\``, async () => {
      const workload = await start(node, 'job', job(megabytes), 'line 3');
      const { held, source } = await (await node.reopen({ pages })).dump(workload, 'c-1');
      await node.driver.release(held.hold, 'stop', NEVER);
      await node.launcher.remove(workload, NEVER);
      const memory = source.parts.filter(({ kind }) => kind === 'memory');
      assert.deepEqual(
        memory.map(({ name }) => name),
        ['criu/pages-1.img'],
      );
      assert.ok((memory[0]?.size ?? 0) > megabytes << 20);
      const streamed = await readdir(join(node.directory, 'c-1.pages', 'criu')).catch(() => undefined);
      assert.equal(streamed !== undefined, pages === 'stream');
      await node.restore(source, workload);
      await checksItsMemory(node, workload);
    });
  }

  it('forked processes with shared memory go on from their image', async () => {
    const script = join(import.meta.dirname, 'workloads', 'shared.py');
    const workload = await start(node, 'shared', [script], 'counts 3 ');
    const { held, source } = await node.dump(workload, 'c-1');
    const counts = lastCounts(await node.log(workload));
    await node.driver.release(held.hold, 'stop', NEVER);
    await node.launcher.remove(workload, NEVER);
    const names = source.parts.map(({ name }) => name);
    assert.equal(names.filter((name) => /^criu\/pagemap-\d+\.img$/.test(name)).length, 3);
    assert.ok(names.some((name) => name.startsWith('criu/pagemap-shmem-')));
    await node.restore(source, workload);
    await eventually(
      'all of them get on',
      async () => lastCounts(await node.log(workload)).every((count, index) => count > (counts[index] ?? 0) + 5),
      60_000,
    );
  });

  it('has the same pagemaps as a dump to files of the same frozen container', async () => {
    const script = join(import.meta.dirname, 'workloads', 'shared.py');
    const workload = await start(node, 'shared', [script], 'counts 3 ');
    // The same checkpoint into another directory is dumped anew.
    const dump = async (pages: 'stream' | 'files', name: string): Promise<ReadonlyMap<string, string>> =>
      pagemapsIn(
        join((await (await node.reopen({ pages })).dump(workload, 'c-1', { into: name })).source.directory, 'criu'),
      );
    // CRIU's code in the processes touches their stacks, the kernel may gather pages: a wrong pagemap is wrong each time.
    for (let attempt = 1; ; attempt++) {
      const [streamed, filed] = [await dump('stream', `s-${attempt}`), await dump('files', `f-${attempt}`)];
      assert.ok(streamed.size >= 4, [...streamed.keys()].join());
      try {
        assert.deepEqual([...streamed], [...filed]);
        break;
      } catch (error) {
        if (attempt === 4) throw error;
      }
    }
  });

  it('the image is restored by runc alone, with the config.json that is in it', async () => {
    const workload = await start(node, 'alone', job(1), 'line 3');
    const { held, source } = await node.dump(workload, 'c-1');
    await node.driver.release(held.hold, 'stop', NEVER);
    const before = countLines(await node.log(workload));
    const bundle = join(node.directory, 'bundle');
    const work = join(node.directory, 'work');
    await mkdir(join(bundle, 'rootfs'), { recursive: true });
    await mkdir(work);
    await copyFile(join(source.directory, 'config.json'), join(bundle, 'config.json'));
    // The root and the output are the user's affair.
    execFileSync('mount', ['--bind', node.environment.workload('alone').rootfs, join(bundle, 'rootfs')]);
    const runc = (...args: string[]): void => {
      const { env, config } = node.environment;
      execFileSync(config.runc, ['--root', join(node.directory, 'runc'), ...args], { env, stdio: 'ignore' });
    };
    try {
      const images = join(source.directory, 'criu');
      runc('restore', '--detach', '--bundle', bundle, '--image-path', images, '--work-path', work, 'alone');
      await eventually('it gets on', async () => countLines(await node.log(workload)) > before + 25, 60_000);
    } finally {
      runc('delete', '--force', 'alone');
      execFileSync('umount', [join(bundle, 'rootfs')]);
    }
  });

  for (const place of ['ready', 'write', 'open', 'end'] as const) {
    it(`a sink that fails in ${place} fails the dump with its error, and the job goes on`, async () => {
      const workload = await start(node, 'job', job(SMALL_MB), 'line 3');
      const sink = new FailingSink(join(node.directory, 'c-1'), place);
      await mkdir(sink.directory);
      const call = node.driver.checkpoint(workload, sink, { checkpoint: 'c-1', tcp: 'refuse' }, NEVER);
      await assert.rejects(call, (error) => isGritError(error) && error.code === 'GRIT_STORAGE_FULL');
      assert.deepEqual(await toolsWorkingOn(sink.directory), []);
      for (const hold of await node.driver.holds(NEVER)) await node.driver.release(hold, 'resume', NEVER);
      await checksItsMemory(node, workload);
      const { held } = await node.dump(workload, 'c-2');
      await node.driver.release(held.hold, 'resume', NEVER);
    });
  }

  it('an agent that is killed while pages stream: CRIU lets go, the job goes on, and can be dumped', async () => {
    const workload = await start(node, 'job', job(SMALL_MB), 'line 3');
    const agent = spawn(process.execPath, ['--import', 'tsx', STALLED_DUMP, node.directory, 'job'], { stdio: 'pipe' });
    let output = '';
    for (const stream of [agent.stdout, agent.stderr])
      stream.on('data', (bytes: Buffer) => (output += bytes.toString()));
    const ended = once(agent, 'exit');
    try {
      await eventually('it is in the middle', () => output.includes('stalled') || agent.exitCode !== null, 60_000);
      assert.equal(output, 'stalled\n');
    } finally {
      agent.kill('SIGKILL');
      await ended;
    }
    const next = await node.reopen();
    const holds = await next.driver.holds(NEVER);
    assert.deepEqual(
      holds.map(({ id }) => id),
      ['c-1'],
    );
    for (const hold of holds) await next.driver.release(hold, 'resume', NEVER);
    assert.deepEqual(await toolsWorkingOn(join(node.directory, 'c-1')), []);
    await checksItsMemory(node, workload);
    const { held } = await next.dump(workload, 'c-2');
    await next.driver.release(held.hold, 'resume', NEVER);
  });

  it('a sink that does not open fails the dump before the job is frozen', async () => {
    const workload = await start(node, 'job', job(1), 'line 3');
    const full = async (): Promise<PageSink> => Promise.reject(new GritError('GRIT_STORAGE_FULL', 'full'));
    const sink = { directory: join(node.directory, 'c-1'), add: () => assert.fail('added'), openPages: full };
    await mkdir(sink.directory);
    const call = node.driver.checkpoint(workload, sink, { checkpoint: 'c-1', tcp: 'refuse' }, NEVER);
    await assert.rejects(call, (error) => isGritError(error) && error.code === 'GRIT_STORAGE_FULL');
    const lines = countLines(await node.log(workload));
    await eventually('it gets on', async () => countLines(await node.log(workload)) > lines);
  });

  it('tells its progress in bytes of memory', async () => {
    const workload = await start(node, 'job', job(SMALL_MB), 'line 3');
    const seen: number[] = [];
    // Slow enough to be seen at any speed of the machine.
    const sink = new SlowSink(join(node.directory, 'c-1'), () => seen.length > 2);
    await mkdir(sink.directory);
    const onProgress = ({ doneBytes }: { doneBytes: number }): void => void seen.push(doneBytes);
    await node.driver.checkpoint(workload, sink, { checkpoint: 'c-1', tcp: 'refuse', onProgress }, NEVER);
    assert.ok(seen.length > 2);
    assert.deepEqual(
      seen,
      [...seen].sort((a, b) => a - b),
    );
    assert.ok(seen.every((bytes) => bytes % 4096 === 0));
  });
});

/** Fails after some of the pages. */
class FailingSink extends FileImageSink {
  #told = 0;

  constructor(
    directory: string,
    private readonly place: 'ready' | 'write' | 'open' | 'end',
  ) {
    super(directory);
  }

  override async ready(signal: AbortSignal): Promise<void> {
    if (this.place === 'ready' && this.#told > FAIL_AFTER) throw this.#full();
    await super.ready(signal);
  }

  override open(name: string): PageStream {
    if (this.place === 'open') throw this.#full();
    const stream = super.open(name);
    return {
      write: (address, pages) => {
        this.#told += pages.length;
        if (this.place === 'write' && this.#told > FAIL_AFTER) throw this.#full();
        stream.write(address, pages);
      },
      end: () => {
        if (this.place === 'end') throw this.#full();
        return stream.end();
      },
    };
  }

  #full(): GritError {
    return new GritError('GRIT_STORAGE_FULL', 'the store is full');
  }
}

/** Takes its time until somebody has seen enough. */
class SlowSink extends FileImageSink {
  constructor(
    directory: string,
    private readonly enough: () => boolean,
  ) {
    super(directory);
  }

  override async ready(signal: AbortSignal): Promise<void> {
    const tick = async (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 20));
    if (!this.enough()) await tick();
    await super.ready(signal);
  }
}

async function start(node: TestNode, name: string, args: readonly string[], sign: string): Promise<WorkloadRef> {
  const workload = await node.start({ name, command: ['/usr/bin/python3', ...args] });
  await eventually('it works', async () => (await node.log(workload)).includes(sign), 60_000);
  return workload;
}

async function checksItsMemory(node: TestNode, workload: WorkloadRef): Promise<void> {
  const lines = countLines(await node.log(workload));
  await eventually('it has checked its memory', async () => countLines(await node.log(workload)) > lines + 25, 60_000);
}

async function pagemapsIn(images: string): Promise<ReadonlyMap<string, string>> {
  const names = (await readdir(images)).filter((name) => name.startsWith('pagemap-')).sort();
  const hex = names.map(async (name) => [name, (await readFile(join(images, name))).toString('hex')] as const);
  return new Map(await Promise.all(hex));
}

function countLines(log: string): number {
  return log.split('\n').length;
}

function lastCounts(log: string): readonly number[] {
  const line = log.trim().split('\n').at(-1) ?? '';
  return line.split(' ').slice(1).map(Number);
}
