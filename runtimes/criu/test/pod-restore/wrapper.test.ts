// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { access, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { formatAnswer, type Answer } from '../../src/pod-restore/call.js';
import { waitUntil } from '../../src/process/wait-until.js';
import { WrapperBench, type WrapperEnd } from './wrapper-bench.js';

const ANNOTATED = { 'grit.dev/restore-name': 'r1' };

/** The shells of nodes, as far as they are here. */
const SHELLS: readonly (readonly string[])[] = [[], ['busybox', 'sh'], ['bash', '--posix']];

for (const shell of SHELLS) {
  describe(`wrapper of runc, ${shell.length === 0 ? 'as it is' : `run by ${shell.join(' ')}`}`, function () {
    this.timeout(60_000);
    let bench: WrapperBench;

    before(async function () {
      const [program] = shell;
      if (program !== undefined && !(await isThere(program))) this.skip(`no ${program} on this machine`);
      bench = await WrapperBench.make(shell);
    });
    after(async () => {
      await (bench as WrapperBench | undefined)?.remove();
    });

    const callsOf = (): string => join(bench.runDirectory, 'calls');

    async function requestOf(id: string): Promise<string> {
      const read = async (): Promise<string | undefined> =>
        readFile(join(callsOf(), `${id}.request`), 'utf8').catch(() => undefined);
      const request = await waitUntil(read, { limitMs: 30_000 });
      assert.ok(request !== undefined, 'the wrapper asks');
      return request;
    }

    /** Answers as the agent does when the request is there. Returns the request. */
    async function answer(id: string, what: Answer): Promise<string> {
      const request = await requestOf(id);
      await writeFile(join(callsOf(), `${id}.draft`), formatAnswer(what));
      await rename(join(callsOf(), `${id}.draft`), join(callsOf(), `${id}.answer`));
      return request;
    }

    it('everything that is not ours goes to runc as it is', async () => {
      const plain = await bench.bundle('plain', {}, { process: { env: ['X={"grit.dev/restore-name":"r1"}'] } });
      const mine = await bench.bundle('mine', ANNOTATED);
      const calls: readonly (readonly string[])[] = [
        [],
        ['--version'],
        ['--root', '/r', '--log', '/l', 'state', 'mine'],
        ['--root', 'create', 'delete', '--force', 'mine'],
        ['--log', join(mine, 'log.json'), 'start', 'mine'],
        ['exec', '--process', 'p', 'mine', 'create', '', ' a  b ', "it's", '$(id)', '*'],
        bench.createArgs(plain, 'plain'),
      ];
      for (const args of calls) {
        const { code, args: seen, output } = await bench.run(args);
        assert.deepEqual({ code, seen, output }, { code: 0, seen: args, output: '' });
      }
      assert.deepEqual(await readdir(bench.runDirectory).catch(() => []), [], 'nobody was asked');
    });

    it('a create with the annotation asks, and `run` lets it through', async () => {
      const bundle = await bench.bundle('asks', ANNOTATED);
      const args = bench.createArgs(bundle, 'asks');
      const { child, end } = bench.start(args);
      assert.equal(await answer('asks', { do: 'run' }), `grit-call 1\n${child.pid}\n${bundle}\n`);
      const { code, args: seen, output } = await end;
      assert.deepEqual({ code, seen, output }, { code: 0, seen: args, output: '' });
      assert.deepEqual(await readdir(callsOf()), []);
    });

    it('`restore` makes it a restore with the same arguments, and its start is only noted', async () => {
      const bundle = await bench.bundle('comes', ANNOTATED);
      const log = join(bundle, 'log.json');
      const { end } = bench.start(bench.createArgs(bundle, 'comes'));
      await answer('comes', { do: 'restore', images: '/i m/g', work: "/w'k", path: '/criu/bin' });
      const { code, args, path, output } = await end;
      const made = ['--detach', '--no-subreaper', '--image-path', '/i m/g', '--work-path', "/w'k"];
      const own = ['--bundle', bundle, '--pid-file', join(bundle, 'init.pid'), '--no-pivot', 'comes'];
      const global = ['--root', '/run/create', '--log', log, '--log-format', 'json'];
      assert.deepEqual({ code, args, output }, { code: 0, args: [...global, 'restore', ...made, ...own], output: '' });
      assert.equal(path, `/criu/bin:${process.env.PATH}`);
      await writeFile(join(bundle, 'grit-restored'), '');
      const started = await bench.run(['--log', log, 'start', 'comes']);
      assert.deepEqual([started.code, started.args, started.output], [0, undefined, '']);
      await access(join(callsOf(), 'comes.started'));
      assert.deepEqual((await bench.run(['--log', log, 'kill', 'comes'])).args, ['--log', log, 'kill', 'comes']);
    });

    it('a refusal is where containerd looks for it, whatever is in it', async () => {
      const message = 'line 1\n"two" \\ $(id) `id` %s \u0007 ü';
      const bundle = await bench.bundle('refused', ANNOTATED);
      const { end } = bench.start(bench.createArgs(bundle, 'refused'));
      await answer('refused', { do: 'fail', message });
      assertFailed(await end, `GRIT: ${message}`);
      assert.deepEqual(
        (await readdir(callsOf())).filter((name) => name.startsWith('refused')),
        [],
      );
    });

    it('what it cannot read is no reason to start a container from the beginning', async () => {
      const bundle = await bench.bundle('odd', ANNOTATED);
      const empty = await bench.bundle('empty', ANNOTATED);
      await rm(join(empty, 'config.json'));
      assertFailed(await bench.run(bench.createArgs(empty, 'empty')), /config.json/);
      assertFailed(await bench.run(bench.createArgs(bundle, '../odd')), /not the name/);
      const { end } = bench.start(bench.createArgs(bundle, 'odd'));
      await answer('odd', { do: 'fail', message: 'x' });
      await end;
      await writeFile(join(callsOf(), 'draft'), 'dance\n');
      const second = bench.start(bench.createArgs(bundle, 'odd'));
      await requestOf('odd');
      await rename(join(callsOf(), 'draft'), join(callsOf(), 'odd.answer'));
      assertFailed(await second.end, /cannot be read/);
    });

    it('without an agent it gives up, and says so', async () => {
      const hasty = await WrapperBench.make(shell, 0);
      try {
        const bundle = await hasty.bundle('alone', ANNOTATED);
        assertFailed(await hasty.run(hasty.createArgs(bundle, 'alone')), /the agent of this node does not answer/);
        assert.deepEqual(await readdir(join(hasty.runDirectory, 'calls')), []);
      } finally {
        await hasty.remove();
      }
    });
  });
}

function assertFailed({ code, args, output, error }: WrapperEnd, message: string | RegExp): void {
  assert.deepEqual({ code, args, output }, { code: 1, args: undefined, output: '' });
  assert.equal(error?.level, 'error');
  assert.ok(!Number.isNaN(Date.parse(error.time)), error.time);
  if (typeof message === 'string') assert.equal(error.msg, message);
  else assert.match(error.msg, message);
}

async function isThere(program: string): Promise<boolean> {
  const folders = (process.env.PATH ?? '').split(':');
  const found = await Promise.all(
    folders.map(async (folder) =>
      access(join(folder, program)).then(
        () => true,
        () => false,
      ),
    ),
  );
  return found.includes(true);
}
