// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { isGritError } from '@grit/plugin-api';
import { Invocation } from '../src/arguments/invocation.js';
import { loadCommand } from '../src/commands/registry.js';

async function parse(name: string, ...args: string[]): Promise<Invocation> {
  const spec = await loadCommand(name);
  assert.ok(spec);
  return Invocation.parse(spec, args);
}

async function rejects(message: RegExp, name: string, ...args: string[]): Promise<void> {
  await assert.rejects(parse(name, ...args), (error: unknown) => {
    assert.ok(isGritError(error) && error.code === 'GRIT_USAGE');
    assert.match(error.message, message);
    assert.match(error.hint, /grit \S* ?--help/);
    return true;
  });
}

describe('invocation', () => {
  it('keeps everything after -- as it is', async () => {
    const invocation = await parse('run', '--name', 'a', '--env', 'A=1', '--env=B=2', '--', 'sh', '-c', '--', '--name');
    assert.equal(invocation.text('name'), 'a');
    assert.deepEqual(invocation.texts('env'), ['A=1', 'B=2']);
    assert.deepEqual(invocation.commandLine, ['sh', '-c', '--', '--name']);
  });

  it('takes options before and after arguments, and short ones', async () => {
    const invocation = await parse('logs', 'train', '-f', '-ojson');
    assert.ok(invocation.has('follow'));
    assert.equal(invocation.text('output'), 'json');
    assert.equal(invocation.positional(0), 'train');
  });

  it('names what is wrong and what was meant', async () => {
    await rejects(/no option --aftr; did you mean --after\?/, 'checkpoint', 'train', '--aftr=stop');
    await rejects(/--after: "go" is none of resume, stop, hold/, 'checkpoint', 'train', '--after', 'go');
    await rejects(/needs NAME/, 'checkpoint');
    await rejects(/"b" is one argument too many/, 'checkpoint', 'a', 'b');
    await rejects(/the command to run comes after --/, 'run', '--name', 'a', 'python3');
    await rejects(/--name needs a value/, 'run', '--name');
    await rejects(/--no-wait takes no value/, 'checkpoint', 'a', '--no-wait=1');
    await rejects(/did you mean workloads\?/, 'get', 'worklods');
  });

  it('asks for no arguments when help is wanted', async () => {
    assert.ok((await parse('checkpoint', '--help')).has('help'));
  });
});
