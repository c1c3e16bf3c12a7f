// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { EmbeddedRedis, stopEmbeddedRedis } from '../src/redis/embedded-redis.js';
import { findRedisBinary } from '../src/redis/redis-binary.js';
import { redisOptions } from '../src/redis/redis-endpoint.js';
import { never, waitFor } from './wait-for.js';
import { rejects } from './job-queue-contract.js';

describe('EmbeddedRedis', () => {
  let directory: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'grit-redis-'));
  });
  afterEach(async () => {
    await stopEmbeddedRedis(directory);
    await rm(directory, { recursive: true });
  });

  it('listens on a private socket only, keeps everything, throws nothing away', async () => {
    const redis = await EmbeddedRedis.start({ stateDirectory: directory }, never);
    assert.equal((await stat(join(directory, 'redis'))).mode & 0o777, 0o700);
    const client = new Redis({ ...redisOptions(redis.endpoint) });
    const settings = [];
    for (const name of ['port', 'appendonly', 'maxmemory-policy', 'appendfsync']) {
      settings.push((await client.config('GET', name))[1]);
    }
    assert.deepEqual(settings, ['0', 'yes', 'noeviction', 'everysec']);
    client.disconnect();
    await redis.stop();
    assert.equal(await stopEmbeddedRedis(directory), false);
  });

  it('is started once by many, and outlives those who leave', async () => {
    const all = await Promise.all([1, 2, 3].map(() => EmbeddedRedis.start({ stateDirectory: directory }, never)));
    assert.equal(new Set(all.map(({ pid }) => pid)).size, 1);
    for (const redis of all) await redis.release();
    const later = await EmbeddedRedis.start({ stateDirectory: directory }, never);
    assert.equal(later.pid, all[0]!.pid);
    await later.stop();
  });

  it('is started again, once, when it was killed', async () => {
    const all = await Promise.all([1, 2].map(() => EmbeddedRedis.start({ stateDirectory: directory }, never)));
    const killed = all[0]!.pid!;
    process.kill(killed, 'SIGKILL');
    await waitFor('both see a new one', () => all.every(({ pid }) => pid !== killed));
    assert.equal(all[0]!.pid, all[1]!.pid);
    for (const redis of all) await redis.release();
  });

  it('does not take another process for its own', async () => {
    const redis = await EmbeddedRedis.start({ stateDirectory: directory }, never);
    await redis.stop();
    const { writeFile } = await import('node:fs/promises');
    await writeFile(join(directory, 'redis', 'redis.pid'), JSON.stringify({ pid: process.pid, startTime: '1' }));
    const next = await EmbeddedRedis.start({ stateDirectory: directory }, never);
    assert.notEqual(next.pid, process.pid);
    assert.match(await readFile(join(directory, 'redis', 'redis.pid'), 'utf8'), new RegExp(`${next.pid}`));
    await next.stop();
  });

  it('says what to do when there is no server', async () => {
    await assert.rejects(
      findRedisBinary('/nonexistent-folder', []),
      (error: Error & { code?: string; hint?: string }) => {
        assert.equal(error.code, 'GRIT_QUEUE_BINARY_MISSING');
        assert.match(error.hint ?? '', /^1\. .* 2\. .* 3\. /);
        return true;
      },
    );
    await rejects(
      'GRIT_QUEUE_UNAVAILABLE',
      EmbeddedRedis.start({ stateDirectory: directory, binary: '/bin/false' }, never),
    );
    await rejects(
      'GRIT_CONFIG_INVALID',
      EmbeddedRedis.start({ stateDirectory: join(directory, 'x'.repeat(100)) }, never),
    );
  });
});

describe('redisOptions', () => {
  it('reads a URL, TLS and an ACL user', () => {
    const options = redisOptions({
      url: 'rediss://r.example:7000/3',
      username: 'grit',
      password: 's',
      tls: { ca: 'PEM' },
    });
    const { host, port, db, username, password, tls } = options;
    assert.deepEqual(
      { host, port, db, username, password, tls },
      {
        host: 'r.example',
        port: 7000,
        db: 3,
        username: 'grit',
        password: 's',
        tls: { ca: 'PEM', servername: 'r.example' },
      },
    );
  });

  it('refuses passwords in URLs without repeating them, and other schemes', () => {
    const refusal = (url: string): string => {
      try {
        redisOptions({ url });
      } catch (error) {
        return (error as Error).message;
      }
      return '';
    };
    const message = refusal('redis://u:hunter2@h');
    assert.match(message, /password/);
    assert.doesNotMatch(message, /hunter2/);
    assert.match(refusal('http://h'), /redis:\/\//);
    assert.match(refusal('redis://h/x'), /database/);
  });
});
