// SPDX-License-Identifier: Apache-2.0

/** What is missing, said to a person; printed without a stack. */
export class SetupError extends Error {}

/** One line about something that is being done. stderr, so that `--json -` of a bench stays clean. */
export function say(text) {
  process.stderr.write(`setup: ${text}\n`);
}
