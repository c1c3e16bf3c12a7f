// SPDX-License-Identifier: Apache-2.0
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { loadConfig, type LoadConfigOptions, type LoadedConfig } from '../../src/config/load-config.js';

/** A temporary folder with configuration files. */
export class ConfigFolder {
  readonly path = realpathSync(mkdtempSync(join(tmpdir(), 'grit-config-')));

  write(name: string, text: string): string {
    const file = join(this.path, name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    return file;
  }

  options(more: Partial<LoadConfigOptions> = {}): LoadConfigOptions {
    return { env: {}, cwd: this.path, stateDirectory: '/state', ...more };
  }

  /** Loads `grit.yaml` with this text. */
  async load(text: string, more: Partial<LoadConfigOptions> = {}): Promise<LoadedConfig> {
    this.write('grit.yaml', text);
    return await loadConfig(this.options(more));
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}
