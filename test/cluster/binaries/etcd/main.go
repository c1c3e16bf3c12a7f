// SPDX-License-Identifier: Apache-2.0

// The etcd server. A module of its own, since the root module of etcd cannot be installed by version.
package main

import (
	"os"

	"go.etcd.io/etcd/server/v3/etcdmain"
)

func main() {
	etcdmain.Main(os.Args)
}
