// SPDX-License-Identifier: Apache-2.0
/** A pod was not moved: it runs on where it was. */
export const EXIT_NOT_MOVED = 5;
/** A pod was stopped and does not go on, or its image could not be stored. */
export const EXIT_FAILED = 6;
/** The pod runs, but from the beginning, as `fallback: fresh` allows. */
export const EXIT_COLD_STARTED = 15;

/** What `kubectl grit --help` says of exit codes. */
export const EXIT_CODES_HELP = [
  'Exit codes: 0 all is as asked for; 5 a pod was not moved and runs on where it was; 6 it failed;',
  '9 you may not; 11 --timeout has passed; 14 doctor found problems; 15 a pod started from the',
  'beginning; 130 Ctrl-C while waiting. The others are those of grit.',
];
