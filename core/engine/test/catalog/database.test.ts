// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { SqliteCatalog } from '../../src/catalog/sqlite-catalog.js';
import { stopRequest, TestCatalog } from './test-catalog.js';

const PROGRAM = fileURLToPath(new URL('commit-until-killed.ts', import.meta.url));

describe('file of the catalog', function () {
  // Each child compiles its program first.
  this.timeout(180_000);
  let directory: string;
  let path: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'grit-catalog-'));
    path = join(directory, 'catalog.db');
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  const committer = (
    commits: number,
  ): { lines: string[]; reached: (count: number) => Promise<void>; kill: () => Promise<void> } => {
    const child = spawn(process.execPath, ['--import', 'tsx', PROGRAM, path, String(commits)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const lines: string[] = [];
    const output = createInterface({ input: child.stdout });
    output.on('line', (line) => lines.push(line));
    return {
      lines,
      reached: async (count) => {
        while (lines.length < count) await once(output, 'line', { signal: AbortSignal.timeout(60_000) });
      },
      kill: async () => {
        const closed = once(child, 'close');
        child.kill('SIGKILL');
        await closed;
      },
    };
  };

  it('has every acknowledged commit after kill -9, and is sound', async () => {
    const acknowledged: string[] = [];
    for (const count of [3, 40, 151]) {
      const child = committer(100_000);
      await child.reached(count);
      await child.kill();
      acknowledged.push(...child.lines.filter((line) => /^(started|ended) op-[0-9a-z]{18}$/.test(line)));
      const db = new DatabaseSync(path);
      assert.deepEqual({ ...db.prepare('PRAGMA integrity_check').get() }, { integrity_check: 'ok' });
      db.close();
    }
    const catalog = new SqliteCatalog(path);
    for (const line of acknowledged) {
      const [what, id] = line.split(' ') as [string, string];
      const status = catalog.getOperation(id);
      assert.equal(status.steps.length, 1);
      if (what === 'ended') assert.equal(catalog.getStep(id, 'stop')?.output, id);
      if (what === 'ended') assert.equal(status.phase, 'Succeeded');
    }
    catalog.close();
  });

  it('belongs to one process at a time', async () => {
    const child = committer(1);
    try {
      await child.reached(1);
      assert.throws(() => new SqliteCatalog(path), { code: 'GRIT_SERVER_RUNNING', details: { path } });
    } finally {
      await child.kill();
    }
    const catalog = new SqliteCatalog(path);
    assert.throws(() => new SqliteCatalog(path), { code: 'GRIT_SERVER_RUNNING' });
    catalog.close();
  });

  it('is for its owner only', () => {
    new SqliteCatalog(path).close();
    assert.equal(statSync(path).mode & 0o777, 0o600);
  });

  it('is left alone when it is of a later version, or no catalog at all', () => {
    new SqliteCatalog(path).close();
    const db = new DatabaseSync(path);
    db.exec('INSERT INTO migrations VALUES (1000, 0)');
    db.close();
    assert.throws(() => new SqliteCatalog(path), { code: 'GRIT_CATALOG_FAILED', message: /later version/ });
    writeFileSync(path, 'no database, but long enough to be looked at as one '.repeat(100));
    assert.throws(() => new SqliteCatalog(path), { code: 'GRIT_CATALOG_FAILED' });
    mkdirSync(join(directory, 'folder'));
    assert.throws(() => new SqliteCatalog(join(directory, 'folder')), { code: 'GRIT_CATALOG_FAILED' });
  });

  it('fails with a code on a full disk, keeps what it had and goes on when there is room', function () {
    if (process.getuid?.() !== 0) this.skip();
    const disk = join(directory, 'disk');
    mkdirSync(disk);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'grit-test', disk]);
    try {
      const catalog = new SqliteCatalog(join(disk, 'catalog.db'));
      try {
        const first = catalog.createOperation(stopRequest({ idempotencyKey: 'first' }));
        writeFileSync(join(disk, 'ballast'), Buffer.alloc(400_000));
        const details = 'x'.repeat(50_000);
        const fill = (): void => {
          for (let line = 0; line < 100; line += 1) catalog.audit({ actor: 'a', action: 'b', subject: 'c', details });
        };
        assert.throws(fill, { code: 'GRIT_CATALOG_FAILED' });
        assert.equal(catalog.getOperation(first.id).phase, 'Pending');
        rmSync(join(disk, 'ballast'));
        catalog.createOperation(stopRequest({ idempotencyKey: 'second' }));
        assert.equal(catalog.listOperations({}).length, 2);
      } finally {
        catalog.close();
      }
    } finally {
      execFileSync('umount', [disk]);
    }
  });

  it('keeps what the first version has written', async () => {
    new SqliteCatalog(path).close();
    const db = new DatabaseSync(path);
    db.exec(`ALTER TABLE checkpoints DROP COLUMN bytes; ALTER TABLE checkpoints DROP COLUMN copies;
      DELETE FROM migrations WHERE version > 1;
      INSERT INTO checkpoints (id, workload, workload_key, node, storage, phase, token, operation, size, timings, created_at)
      VALUES ('ck-old', '{"kind":"container","name":"train"}', 'container/train', 'n', 'store', 'Ready', 't', 'op-1', 10, '[]', 1)`);
    db.close();
    const catalog = new SqliteCatalog(path);
    const { size, bytes, copies } = await catalog.checkpoints.get('ck-old', new AbortController().signal);
    assert.deepEqual([size, bytes, copies], [10, undefined, undefined]);
    catalog.close();
  });

  it('opens what an earlier run has written, as often as one likes', () => {
    const test = new TestCatalog();
    const { id } = test.catalog.createOperation(stopRequest());
    for (let run = 0; run < 3; run += 1) assert.equal(test.reopen().getOperation(id).kind, 'stop');
    test.remove();
  });
});
