// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { COMMAND_NAMES, loadCommand } from '../src/commands/registry.js';
import { formatCommandHelp, formatHelp } from '../src/help.js';
import { main } from '../src/main.js';
import { RecordingTerminal } from './recording-terminal.js';

async function run(...args: string[]) {
  const terminal = new RecordingTerminal();
  const exit = await main(args, { environment: { GRIT_STATE_DIR: '/nowhere' }, workingDirectory: '/', terminal });
  return { exit, terminal };
}

describe('help', () => {
  it('every help fits 100 columns, and names every command', async () => {
    const texts = [formatHelp(100)];
    for (const name of COMMAND_NAMES) texts.push(formatCommandHelp((await loadCommand(name))!, 100));
    for (const line of texts.join('\n').split('\n')) assert.ok(line.length <= 100, line);
    for (const name of COMMAND_NAMES) assert.match(formatHelp(100), new RegExp(`^  ${name} `, 'm'));
  });

  it('is shown in all the ways that people ask for it', async () => {
    for (const args of [[], ['--help'], ['-h'], ['help']]) {
      const { exit, terminal } = await run(...args);
      assert.equal(exit, 0);
      assert.match(terminal.output, /Usage: grit COMMAND/);
    }
    for (const args of [
      ['help', 'checkpoint'],
      ['checkpoint', '--help'],
      ['checkpoint', '-h'],
    ]) {
      assert.match((await run(...args)).terminal.output, /Usage: grit checkpoint NAME/);
    }
  });

  it('wrong usage: exit 2 and what to type', async () => {
    const { exit, terminal } = await run('chekpoint');
    assert.equal(exit, 2);
    assert.match(terminal.errors, /did you mean checkpoint\?\n(.*\n)*next: /);
  });

  it('errors are JSON for who wants JSON', async () => {
    const { exit, terminal } = await run('checkpoint', '-o', 'json');
    assert.equal(exit, 2);
    assert.equal((JSON.parse(terminal.errors) as { code: string }).code, 'GRIT_USAGE');
  });

  it('the README names every command and every exit code', () => {
    const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
    for (const name of COMMAND_NAMES) assert.ok(readme.includes(`\`grit ${name}`), name);
    for (const code of [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 130]) {
      assert.match(readme, new RegExp(`^\\| ${String(code)} `, 'm'), String(code));
    }
  });
});
