// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { JsonLogger } from '../../src/container/json-logger.js';
import { openLogFile } from '../../src/container/log-file.js';

describe('JsonLogger', () => {
  const lines: Record<string, unknown>[] = [];
  const write = (line: string): void => {
    assert.ok(line.endsWith('\n'));
    lines.push(JSON.parse(line) as Record<string, unknown>);
  };
  beforeEach(() => {
    lines.length = 0;
  });

  it('writes one object a line, from its level on', () => {
    const logger = new JsonLogger({ level: 'info', write, fields: { role: 'server' } });
    logger.debug('no');
    logger.child({ plugin: 'a' }).warn('yes\nreally', { n: 1, level: 'x' });
    assert.equal(lines.length, 1);
    const { time, ...rest } = lines[0]!;
    assert.match(String(time), /^\d{4}-\d\d-\d\dT.*Z$/);
    assert.deepEqual(rest, { level: 'warn', message: 'yes\nreally', role: 'server', plugin: 'a', n: 1 });
  });

  it('takes secrets out of messages and fields', () => {
    const redact = <T>(value: T): T => JSON.parse(JSON.stringify(value).replaceAll('geheim', '***')) as T;
    new JsonLogger({ level: 'debug', write, redact }).error('a geheim', { deep: { x: 'geheim' } });
    assert.equal(lines[0]!.message, 'a ***');
    assert.deepEqual(lines[0]!.deep, { x: '***' });
  });

  it('cuts what is too long and takes what is no JSON', () => {
    const logger = new JsonLogger({ level: 'debug', write });
    logger.info('long', { text: 'x'.repeat(100_000) });
    const loop: Record<string, never> = {};
    Object.assign(loop, { loop });
    logger.info('odd', loop);
    assert.equal(lines[0]?.truncated, true);
    assert.equal(lines[1]?.message, 'odd');
  });

  it('appends to a private file', () => {
    const folder = mkdtempSync(join(tmpdir(), 'grit-log-'));
    try {
      const path = join(folder, 'logs/server.log');
      for (const message of ['one', 'two']) {
        const file = openLogFile(path);
        new JsonLogger({ level: 'info', write: file.write }).info(message);
        file.close();
      }
      assert.deepEqual(
        readFileSync(path, 'utf8')
          .trim()
          .split('\n')
          .map((line) => (JSON.parse(line) as { message: string }).message),
        ['one', 'two'],
      );
      assert.equal(statSync(path).mode & 0o777, 0o600);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
