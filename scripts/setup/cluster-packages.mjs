// SPDX-License-Identifier: Apache-2.0
import { existsSync } from 'node:fs';
import { findProgram } from './find-program.mjs';
import { installDebianPackages } from './system-packages.mjs';
import { say, SetupError } from './report.mjs';

/** What the nodes of a test cluster need of the machine, and the Debian package that brings it. */
const NEEDS = [
  { debian: 'libseccomp-dev', isThere: () => existsSync('/usr/include/seccomp.h') },
  { debian: 'pkg-config', isThere: () => findProgram('pkg-config') !== undefined },
  { debian: 'gcc', isThere: () => findProgram('gcc') !== undefined },
  { debian: 'libc6-dev', isThere: () => existsSync('/usr/include/stdlib.h') },
  { debian: 'busybox-static', isThere: () => existsSync('/bin/busybox') },
  { debian: 'mmdebstrap', isThere: () => findProgram('mmdebstrap') !== undefined },
  { debian: 'buildah', isThere: () => findProgram('buildah') !== undefined },
  { debian: 'openssl', isThere: () => findProgram('openssl') !== undefined },
  { debian: 'iproute2', isThere: () => findProgram('ip') !== undefined },
];

/** Installs what is missing. Where that is not possible it is said, and only clusters without nodes can be had. */
export async function installClusterPackages() {
  const missing = NEEDS.filter(({ isThere }) => !isThere()).map(({ debian }) => debian);
  // Without Go nothing can be built anyway.
  if (missing.length === 0 || findProgram('go') === undefined) return;
  try {
    await installDebianPackages(missing);
  } catch (error) {
    if (!(error instanceof SetupError) && error.exitCode === undefined) throw error;
    say(`no nodes of a test cluster: ${error.message}`);
  }
}
