// SPDX-License-Identifier: Apache-2.0
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { OperationRequest } from '@grit/plugin-api';
import { SqliteCatalog } from '../../src/catalog/sqlite-catalog.js';

/** A signal that nobody aborts. */
export const never = new AbortController().signal;

export const train = { kind: 'container', name: 'train' };

export function stopRequest(more: { name?: string; idempotencyKey?: string; graceMs?: number } = {}): OperationRequest {
  const { name = 'train', ...rest } = more;
  return { apiVersion: 'grit.dev/v1', kind: 'stop', workload: { kind: 'container', name }, ...rest };
}

/** A catalog in a directory of its own, that can be closed and opened again. */
export class TestCatalog {
  readonly directory = mkdtempSync(join(tmpdir(), 'grit-catalog-'));
  readonly path = join(this.directory, 'catalog.db');
  catalog = new SqliteCatalog(this.path);

  reopen(): SqliteCatalog {
    this.catalog.close();
    this.catalog = new SqliteCatalog(this.path);
    return this.catalog;
  }

  remove(): void {
    this.catalog.close();
    rmSync(this.directory, { recursive: true });
  }
}
