// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isGritError } from '@grit/plugin-api';
import type { PlatformApi, WorkloadRecord } from '@grit/core';
import type { CommandContext } from '../src/command-context.js';
import { followLog } from '../src/logs/follow-log.js';
import { LogFile } from '../src/logs/log-file.js';
import type { Session } from '../src/platform/session.js';
import { RecordingTerminal } from './recording-terminal.js';

describe('log', () => {
  let directory: string;
  beforeEach(() => (directory = mkdtempSync(join(tmpdir(), 'grit-log-'))));
  afterEach(() => rmSync(directory, { recursive: true }));

  it('hands over what is new, and only that', async () => {
    const path = join(directory, 'a.log');
    writeFileSync(path, 'one\n');
    const seen: string[] = [];
    const log = await LogFile.open(path);
    const drain = () => log.drain(async (bytes) => void seen.push(Buffer.from(bytes).toString()));
    await drain();
    await drain();
    appendFileSync(path, 'x'.repeat(200_000));
    await drain();
    await log.close();
    assert.equal(seen.join(''), `one\n${'x'.repeat(200_000)}`);
    assert.equal(log.position, 200_004);
  });

  it('a log that went back in time goes on at its end', async () => {
    const path = join(directory, 'a.log');
    writeFileSync(path, '12345');
    const log = await LogFile.open(path, 99);
    assert.equal(log.position, 5);
    await log.close();
  });

  it('one that cannot be read is an error with its path', async () => {
    await assert.rejects(
      LogFile.open(join(directory, 'none')),
      (error) => isGritError(error) && /none/.test(error.message),
    );
  });

  it('following goes on in the file of the new node at the same byte, up to the end of the workload', async () => {
    const [a, b] = [join(directory, 'a.log'), join(directory, 'b.log')];
    writeFileSync(a, 'step 1\nstep 2\n');
    const record = { state: 'running', busy: undefined, logPath: a, exitCode: undefined };
    // What the server would say at each question, with what the workload does in between.
    const script: (() => Partial<WorkloadRecord>)[] = [
      () => record as Partial<WorkloadRecord>,
      () => ({ ...record, state: 'held', busy: 'op-1' }),
      () => {
        writeFileSync(b, 'step 1\nstep 2\nstep 3\n');
        return { ...record, logPath: b } as Partial<WorkloadRecord>;
      },
      () => {
        appendFileSync(b, 'end\n');
        return { ...record, logPath: b, state: 'exited', exitCode: 7 };
      },
    ];
    const api = { getWorkload: async () => script.shift()?.() } as unknown as PlatformApi;
    const session = { call: (use: (api: PlatformApi) => Promise<unknown>) => use(api) } as unknown as Session;
    const terminal = new RecordingTerminal();
    assert.equal(await followLog({ session, terminal } as unknown as CommandContext, 'train'), 7);
    assert.equal(terminal.output, 'step 1\nstep 2\nstep 3\nend\n');
  });
});
