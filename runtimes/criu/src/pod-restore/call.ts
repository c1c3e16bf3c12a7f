// SPDX-License-Identifier: Apache-2.0
import { basename, isAbsolute, normalize } from 'node:path';
import { GritError } from '@grit/plugin-api';
import { CALL_HEADER } from './rendezvous.js';

/** A `create` that waits for our answer. Everything in it has been checked for its form. */
export interface Call {
  /** containerd's id of the container; safe in paths. */
  readonly id: string;
  /** The waiting wrapper; later, as it becomes runc, runc. */
  readonly pid: number;
  /** Absolute path in the wrapper's mount namespace. */
  readonly bundle: string;
}

/** What the wrapper is told. */
export type Answer =
  | { readonly do: 'run' }
  | { readonly do: 'fail'; readonly message: string }
  | {
      readonly do: 'restore';
      readonly images: string;
      readonly work: string;
      /** Comes first in the PATH of runc, which looks for CRIU there. */
      readonly path: string;
    };

const ID = /^[A-Za-z0-9_-][A-Za-z0-9_.-]{0,127}$/;

/** True for a name that the wrapper writes files for. */
export function isCallId(id: string): boolean {
  return ID.test(id);
}

/** Reads a request. Throws GRIT_REQUEST_INVALID for anything that the wrapper does not write. */
export function parseRequest(id: string, text: string): Call {
  const [header, pid = '', bundle = '', end, ...more] = text.split('\n');
  const wellFormed = isCallId(id) && header === CALL_HEADER && end === '' && more.length === 0;
  if (!wellFormed || !/^[1-9]\d{0,9}$/.test(pid)) throw invalid(id);
  if (!isAbsolute(bundle) || normalize(bundle) !== bundle || basename(bundle) !== id || bundle.includes('\0')) {
    throw invalid(id);
  }
  return { id, pid: Number(pid), bundle };
}

/** The text of an answer file. */
export function formatAnswer(answer: Answer): string {
  switch (answer.do) {
    case 'run':
      return 'run\n';
    case 'fail':
      // It goes into a line of JSON as it is; a shell's `read` must find it in one line.
      return `fail\n${JSON.stringify(`GRIT: ${answer.message}`)}\n`;
    case 'restore': {
      const lines = [answer.images, answer.work, answer.path];
      if (lines.some((line) => line.includes('\n'))) throw new GritError('GRIT_INTERNAL', 'a path has two lines');
      return `restore\n${lines.join('\n')}\n`;
    }
  }
}

function invalid(id: string): GritError {
  return new GritError(
    'GRIT_REQUEST_INVALID',
    `the request of container ${id.slice(0, 64)} is not one of our wrapper's`,
  );
}
