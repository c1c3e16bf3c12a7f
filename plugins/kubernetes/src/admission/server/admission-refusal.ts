// SPDX-License-Identifier: Apache-2.0

/** `reason` of the metav1.Status that the user gets, with its HTTP status. */
const REASONS = { Invalid: 422, Forbidden: 403, Conflict: 409, InternalError: 500 } as const;

export type RefusalReason = keyof typeof REASONS;

/** A no: the message names the field and the way out. */
export class AdmissionRefusal extends Error {
  override readonly name = 'AdmissionRefusal';
  readonly code: number;

  constructor(
    /** Path of the field that is wrong, as in `spec.podName`; empty for none. */
    readonly field: string,
    /** What is wrong, and what to do about it. */
    readonly problem: string,
    readonly reason: RefusalReason = 'Invalid',
  ) {
    super(field === '' ? problem : `${field}: ${problem}`);
    this.code = REASONS[reason];
  }
}
