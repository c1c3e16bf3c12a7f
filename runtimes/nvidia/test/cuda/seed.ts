// SPDX-License-Identifier: Apache-2.0

/** Of all random tests here: the same each time, unless told otherwise. A failure prints it. */
export const SEED = Number(process.env['GRIT_SEED'] ?? 580);
