// SPDX-License-Identifier: Apache-2.0
import { existsSync } from 'node:fs';
import { run } from '../process/run.mjs';
import { findProgram } from './find-program.mjs';
import { say, SetupError } from './report.mjs';

const hasProgram =
  (...names) =>
  () =>
    names.some((name) => findProgram(name) !== undefined);

/** What a machine needs to run workloads: how to see that it is there, and the Debian package that brings it. */
const NEEDS = [
  { what: 'runc', debian: 'runc', isThere: hasProgram('runc') },
  {
    what: 'redis-server or valkey-server',
    debian: 'redis-server',
    isThere: hasProgram('redis-server', 'valkey-server'),
  },
  { what: 'iptables (network lock of CRIU)', debian: 'iptables', isThere: hasProgram('iptables') },
  { what: 'nft (network lock of CRIU)', debian: 'nftables', isThere: hasProgram('nft') },
  { what: 'mkfs.ext4', debian: 'e2fsprogs', isThere: hasProgram('mkfs.ext4') },
  { what: 'mount', debian: 'mount', isThere: hasProgram('mount') },
  { what: 'GNU tar', debian: 'tar', isThere: hasProgram('tar') },
  { what: 'setfattr', debian: 'attr', isThere: hasProgram('setfattr') },
  // The system's own interpreter: another python3 may come first in PATH and know nothing of Debian's modules.
  {
    what: 'PyTorch for /usr/bin/python3',
    debian: 'python3-torch',
    isThere: () => existsSync('/usr/bin/python3') && existsSync('/usr/lib/python3/dist-packages/torch'),
  },
];

/** Installs whatever is missing with apt; asks apt nothing when all is there. */
export async function installSystemPackages() {
  const missing = NEEDS.filter((need) => !need.isThere());
  if (missing.length === 0) return;
  await installDebianPackages(
    missing.map((need) => need.debian),
    missing.map((need) => need.what),
  );
}

/** @param {string[]} packages @param {string[]} what the same things in words, for the message */
export async function installDebianPackages(packages, what = packages) {
  const list = packages.join(' ');
  if (findProgram('apt-get') === undefined) {
    throw new SetupError(
      `missing: ${what.join(', ')}. Install them (on Debian: apt-get install ${list}) and try again`,
    );
  }
  if (process.getuid() !== 0) {
    throw new SetupError(`missing: ${what.join(', ')}. As root: apt-get install --no-install-recommends ${list}`);
  }
  say(`system packages: apt-get install ${list}`);
  // RUNLEVEL=1 keeps packages from starting their services: the Redis of GRIT is its own process on its own socket.
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
  // apt is talkative; its lines go to stderr so that stdout belongs to the command that asked for the set-up.
  const options = { env, stdio: ['ignore', 2, 2] };
  await run('apt-get', ['-qq', 'update'], options);
  await run('apt-get', ['-qq', '-y', '--no-install-recommends', 'install', ...packages], options);
}
