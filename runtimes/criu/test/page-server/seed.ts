// SPDX-License-Identifier: Apache-2.0

/** Of everything random in these tests; in their failures, too. */
export const SEED = Number(process.env.GRIT_SEED ?? 20_251);
