// SPDX-License-Identifier: Apache-2.0
import { GritError } from '@grit/plugin-api';

/** BullMQ takes neither `:` nor an integer for a custom id; integers are the ids that it gives itself. */
const INTEGER = /^-?\d+$/;
/** The public name of the job that BullMQ numbered 12 is `~12`. */
const NUMBERED = /^~\d+$/;
/** BullMQ's own ids of the jobs of a schedule. */
const SCHEDULED = /^repeat:/;
const MAX_LENGTH = 200;

/** Public id to BullMQ's. */
export function encodeJobId(id: string): string {
  if (NUMBERED.test(id)) return id.slice(1);
  if (SCHEDULED.test(id)) return id;
  const escaped = id.replace(/[%:]/g, percent);
  return INTEGER.test(escaped) ? percent(escaped.charAt(0)) + escaped.slice(1) : escaped;
}

/** BullMQ's id to the public one. */
export function decodeJobId(raw: string): string {
  if (INTEGER.test(raw)) return `~${raw}`;
  return raw.replace(/%([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
}

/** Throws for an id that a new job cannot have. */
export function checkNewJobId(id: string): void {
  const problem =
    id === '' || id.length > MAX_LENGTH
      ? `a job id has 1 to ${MAX_LENGTH} characters`
      : NUMBERED.test(id) || SCHEDULED.test(id)
        ? `ids like ${id} belong to jobs that the queue numbers itself`
        : undefined;
  if (problem !== undefined) throw new GritError('GRIT_REQUEST_INVALID', problem, { details: { field: 'id' } });
}

function percent(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;
}
