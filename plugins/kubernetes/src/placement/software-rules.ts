// SPDX-License-Identifier: Apache-2.0
import type { KubeNodeFacts } from '../api/source.js';
import { compareVersions } from './compare-versions.js';

const FLAGS_SHOWN = 8;

/** Why software and processor of a node cannot run what was checkpointed on another; a sentence each, `here` is the node, `there` the source. */
export function softwareReasons(there: KubeNodeFacts, here: KubeNodeFacts): readonly string[] {
  return [
    equal('architecture', there.arch, here.arch),
    equal('control groups', there.cgroup, here.cgroup),
    equal('security module', there.lsm, here.lsm),
    notOlder('CRIU', there.criu, here.criu, 'an older CRIU cannot read the dump of a newer one'),
    present('runc', there.runc, here.runc),
    // The patch level of a kernel adds nothing that a dump could depend on.
    notOlder('kernel', there.kernel, here.kernel, 'an older kernel may lack what the processes use', 2),
    flags(there.cpuFlags, here.cpuFlags),
  ].filter((reason) => reason !== undefined);
}

function equal(what: string, there: string | undefined, here: string | undefined): string | undefined {
  if (there === undefined || there === here) return undefined;
  return here === undefined ? unknown(what, there) : `${what} ${here} here, ${there} there`;
}

function present(what: string, there: string | undefined, here: string | undefined): string | undefined {
  return there !== undefined && here === undefined ? unknown(what, there) : undefined;
}

function notOlder(
  what: string,
  there: string | undefined,
  here: string | undefined,
  why: string,
  places?: number,
): string | undefined {
  if (there === undefined) return undefined;
  if (here === undefined) return unknown(what, there);
  const difference = compareVersions(here, there, places);
  if (difference === undefined) return here === there ? undefined : `${what} ${here} here, ${there} there`;
  return difference < 0 ? `${what} ${here} here, ${there} there: ${why}` : undefined;
}

function flags(there: readonly string[] | undefined, here: readonly string[] | undefined): string | undefined {
  if (there === undefined) return undefined;
  if (here === undefined) return 'the agent does not say which CPU flags are here';
  const missing = there.filter((flag) => !here.includes(flag));
  if (missing.length === 0) return undefined;
  const shown = missing.slice(0, FLAGS_SHOWN).join(', ');
  const more = missing.length > FLAGS_SHOWN ? ` and ${missing.length - FLAGS_SHOWN} more` : '';
  return `CPU flags missing here that are there: ${shown}${more}`;
}

function unknown(what: string, there: string): string {
  return `the agent does not say which ${what} is here; ${there} there`;
}
