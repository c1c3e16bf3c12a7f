// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { isGritError } from '@grit/plugin-api';
import { eachWithLibrary } from './each-with-library.js';
import { eventually, isGone } from './eventually.js';
import type { FixtureLibrary } from './fixture-library.js';

const signal = new AbortController().signal;
const LONG = 60_000;
/** For calls that never end: any limit is passed. */
const SHORT = 300;

describe('processes that call the driver', function () {
  this.timeout(120_000);
  let library: FixtureLibrary;
  eachWithLibrary((built) => {
    library = built;
  });

  it('actions run at the same time', async () => {
    const pids = Array.from({ length: 6 }, (_, index) => 30_000 + index);
    const proxies = library.proxies({ FIXTURE_TOGETHER: String(pids.length) });
    await Promise.all(pids.map(async (pid) => proxies.act({ call: 'lock', pid, timeoutMs: 500 }, LONG, signal)));
  });

  it('so do questions, in one process', async () => {
    const pids = Array.from({ length: 48 }, (_, index) => 30_000 + index);
    const proxies = library.proxies({ FIXTURE_TOGETHER: String(pids.length) });
    const threads = pids.map(async (pid) => proxies.ask({ call: 'restoreThread', pid }, LONG, signal));
    assert.deepEqual(
      await Promise.all(threads),
      pids.map((pid) => 10 * pid),
    );
    const callers = (await readdir(library.directory)).filter((name) => name.startsWith('together-'));
    assert.equal(callers.length, pids.length);
  });

  it('a stuck action ends at its limit, with the process that makes it; the others do not notice', async () => {
    const proxies = library.proxies();
    const other = proxies.act({ call: 'checkpoint', pid: 20_002 }, LONG, signal);
    const caller = await library.callerOf(20_002);
    // The next action is made by the process that is free.
    await proxies.act({ call: 'unlock', pid: 7 }, LONG, signal);
    const stuckCaller = await library.callerOf(7);
    const stuck = proxies.act({ call: 'checkpoint', pid: 20_001 }, SHORT, signal);
    await assert.rejects(stuck, { code: 'GRIT_TIMEOUT', message: /checkpoint for pid 20001 within 0\.3 s/ });
    await eventually('the stuck process has ended', async () => isGone(stuckCaller));
    assert.ok(!(await isGone(caller)));
    await library.go();
    await other;
    await proxies.act({ call: 'unlock', pid: 20_001 }, LONG, signal);
  });

  it('a stuck question ends at its limit; the process is left to the others and ends after them', async () => {
    const proxies = library.proxies();
    const other = proxies.ask({ call: 'restoreThread', pid: 20_002 }, LONG, signal);
    const caller = await library.callerOf(20_002);
    const stuck = proxies.ask({ call: 'state', pid: 20_001 }, SHORT, signal);
    await assert.rejects(stuck, { code: 'GRIT_TIMEOUT' });
    const next = proxies.ask({ call: 'restoreThread', pid: 20_003 }, LONG, signal);
    assert.notEqual(await library.callerOf(20_003), caller);
    await library.go();
    assert.deepEqual(await Promise.all([other, next]), [200_020, 200_030]);
    await eventually('the old process has ended', async () => isGone(caller));
  });

  it('a driver that crashes in an action fails it with its last words', async () => {
    const proxies = library.proxies();
    const other = proxies.act({ call: 'lock', pid: 20_002, timeoutMs: 500 }, LONG, signal);
    await library.callerOf(20_002);
    for (const [pid, end] of [
      [40_001, 'SIGABRT'],
      [41_001, 'SIGSEGV'],
    ] as const) {
      await assert.rejects(proxies.act({ call: 'lock', pid, timeoutMs: 500 }, LONG, signal), (error) => {
        assert.ok(isGritError(error));
        assert.equal(error.code, 'GRIT_DEVICE_FAILED');
        assert.ok(error.message.includes(`lock for pid ${pid}: the proxy was ended by ${end}`), error.message);
        assert.ok(error.toJSON().causes?.some((cause) => cause.includes(`pid ${pid} makes this crash`)));
        return true;
      });
      assert.ok(library.lines.some((line) => line.includes(`pid ${pid} makes this crash`)));
    }
    await library.go();
    await other;
    await proxies.act({ call: 'unlock', pid: 7 }, LONG, signal);
  });

  it('a driver that crashes at a question fails that one; the others are asked again', async () => {
    const proxies = library.proxies();
    const other = proxies.ask({ call: 'restoreThread', pid: 20_002 }, LONG, signal);
    await library.callerOf(20_002);
    const crashing = assert.rejects(proxies.ask({ call: 'state', pid: 40_001 }, LONG, signal), {
      code: 'GRIT_DEVICE_FAILED',
    });
    await crashing;
    await library.go();
    assert.equal(await other, 200_020);
  });

  it('kill -9 in the middle of an action fails it; the next one works', async () => {
    const proxies = library.proxies();
    const killed = proxies.act({ call: 'restore', pid: 20_001, pairs: [] }, LONG, signal);
    const failure = assert.rejects(killed, { code: 'GRIT_DEVICE_FAILED', message: /restore for pid 20001.*SIGKILL/ });
    process.kill(await library.callerOf(20_001), 'SIGKILL');
    await failure;
    await library.go();
    await proxies.act({ call: 'restore', pid: 20_001, pairs: [] }, LONG, signal);
  });

  it('an abort ends the wait at once; the action goes on, and the next call for the pid waits for it', async () => {
    const proxies = library.proxies();
    const controller = new AbortController();
    const aborted = proxies.act({ call: 'checkpoint', pid: 20_001 }, LONG, controller.signal);
    const caller = await library.callerOf(20_001);
    controller.abort();
    await assert.rejects(aborted, { code: 'GRIT_ABORTED' });
    assert.ok(!(await isGone(caller)));
    const next = proxies.act({ call: 'unlock', pid: 20_001 }, LONG, signal);
    const question = proxies.ask({ call: 'state', pid: 20_001 }, LONG, signal);
    // Calls for others do not wait; when this one is through, those above had their chance.
    await proxies.act({ call: 'unlock', pid: 8 }, LONG, signal);
    assert.deepEqual(await library.calls(), ['checkpoint 20001 bare', 'unlock 8 bare']);
    await library.go();
    await next;
    assert.equal(await question, 20_001);
    assert.deepEqual((await library.calls()).slice(2), ['unlock 20001 bare']);
  });

  it('an abandoned action still has its limit', async () => {
    const proxies = library.proxies();
    const controller = new AbortController();
    await proxies.act({ call: 'unlock', pid: 7 }, LONG, signal);
    const caller = await library.callerOf(7);
    const aborted = proxies.act({ call: 'checkpoint', pid: 20_001 }, SHORT, controller.signal);
    controller.abort();
    await assert.rejects(aborted, { code: 'GRIT_ABORTED' });
    await assert.rejects(proxies.act({ call: 'unlock', pid: 20_001 }, SHORT, signal), { code: 'GRIT_TIMEOUT' });
    await eventually('the process has ended', async () => isGone(caller));
  });

  it('nothing is begun for a caller who has given up before', async () => {
    const proxies = library.proxies();
    await assert.rejects(proxies.act({ call: 'unlock', pid: 7 }, LONG, AbortSignal.abort()), { code: 'GRIT_ABORTED' });
    assert.deepEqual(await library.calls(), []);
  });

  it('closing ends all of them; a later call begins anew', async () => {
    const proxies = library.proxies();
    const failure = assert.rejects(proxies.act({ call: 'checkpoint', pid: 20_001 }, LONG, signal), {
      code: 'GRIT_DEVICE_FAILED',
    });
    const caller = await library.callerOf(20_001);
    await proxies.close();
    await failure;
    await eventually('the process has ended', async () => isGone(caller));
    assert.equal(await proxies.ask({ call: 'restoreThread', pid: 7 }, LONG, signal), 70);
  });

  it('one without work ends by itself', async () => {
    const proxies = library.proxies({}, 50);
    await library.go();
    await proxies.act({ call: 'unlock', pid: 20_001 }, LONG, signal);
    const caller = await library.callerOf(20_001);
    await eventually('the idle process has ended', async () => isGone(caller));
    await proxies.act({ call: 'unlock', pid: 20_001 }, LONG, signal);
  });

  it('what is preloaded into the agent is not preloaded into them', async () => {
    const proxies = library.proxies({ LD_PRELOAD: '/nonexistent/preloaded.so' });
    assert.equal(await proxies.ask({ call: 'state', pid: 2 }, LONG, signal), 2);
    await proxies.close();
    assert.deepEqual(library.lines, []);
  });

  it('they end with their parent, also in the middle of a call', async () => {
    const module = new URL('../../dist/cuda/driver-proxies.js', import.meta.url).href;
    const program = `
      const { DriverProxies } = await import(${JSON.stringify(module)});
      const logger = { debug() {} };
      const proxies = new DriverProxies({ libraryDirectory: ${JSON.stringify(library.directory)}, logger });
      await proxies.act({ call: 'checkpoint', pid: 20001 }, 60000, new AbortController().signal);
    `;
    const parent = spawn(process.execPath, ['--input-type=module', '-e', program], {
      env: { ...library.env(), NODE_OPTIONS: undefined },
      stdio: 'ignore',
    });
    const caller = await library.callerOf(20_001);
    parent.kill('SIGKILL');
    await eventually('it has ended with its parent', async () => isGone(caller));
  });
});
