// SPDX-License-Identifier: Apache-2.0

module grit.dev/test/cluster/pause

go 1.26.0
