# SPDX-License-Identifier: Apache-2.0
# The image of the pod that mounts a claim: one static program that waits until it is ended, as nobody, with nothing beside it.
# Its context has that program as `pause`: CGO_ENABLED=0 go build -C test/cluster/binaries/pause -o CONTEXT/pause
FROM scratch
COPY pause /pause
USER 65534:65534
ENTRYPOINT ["/pause"]
