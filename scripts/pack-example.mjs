// SPDX-License-Identifier: Apache-2.0
// node scripts/pack-example.mjs: packs our packages, installs the third-party example from the tarballs alone, checks its types,
// runs its tests. Nothing of this checkout is in reach of it.
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gritEnvironment } from './environment.mjs';
import { main } from './process/main.mjs';
import { run } from './process/run.mjs';
import { NODE, ROOT } from './setup/paths.mjs';

const PACKAGES = ['plugin-api', 'image', 'queue', 'engine', 'plugin-testing'];
const EXAMPLE = join(ROOT, 'examples', 'third-party-plugin');
const CONFIG = `plugins:
  filedrop:
    use: grit-plugin-filedrop
    config: { directory: '\${FILEDROP_DIRECTORY}' }
`;

await main(async () => {
  const site = mkdtempSync(join(tmpdir(), 'grit-example-'));
  try {
    await pack(site);
    await install(site);
    const plugin = join(site, 'plugin');
    cpSync(EXAMPLE, plugin, { recursive: true, filter: (path) => !path.includes('node_modules') });
    const config = join(site, 'grit.yaml');
    writeFileSync(config, CONFIG);
    const env = gritEnvironment({ FILEDROP_TEST_CONFIG: config });
    await run(NODE, [join(site, 'node_modules', 'typescript', 'bin', 'tsc')], { cwd: plugin, env });
    await run(NODE, ['--test'], { cwd: plugin, env });
  } finally {
    rmSync(site, { recursive: true });
  }
});

async function pack(site) {
  const tarballs = join(site, 'tarballs');
  mkdirSync(tarballs);
  const folders = [...PACKAGES.map((name) => join(ROOT, 'core', name)), EXAMPLE];
  await npm(['pack', '--silent', '--ignore-scripts', '--pack-destination', tarballs, ...folders], tarballs);
}

/** A folder beside a grit.yaml, as users have it: everything from tarballs, the rest from the registry. */
async function install(site) {
  const { devDependencies } = JSON.parse(readFileSync(join(EXAMPLE, 'package.json'), 'utf8'));
  const dependencies = Object.fromEntries(
    Object.entries(devDependencies).filter(([name]) => !name.startsWith('@grit/')),
  );
  for (const file of readdirSync(join(site, 'tarballs'))) {
    const [, scope, name] = /^(grit-plugin-filedrop|grit-)?(.*?)-\d+\.\d+\.\d+.*\.tgz$/.exec(file) ?? [];
    dependencies[scope === 'grit-' ? `@grit/${name}` : 'grit-plugin-filedrop'] = `file:tarballs/${file}`;
  }
  writeFileSync(join(site, 'package.json'), JSON.stringify({ private: true, dependencies }));
  await npm(['install', '--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund', '--silent'], site);
}

async function npm(args, cwd) {
  await run('npm', args, { cwd, stdio: ['ignore', 'ignore', 'inherit'] });
}
