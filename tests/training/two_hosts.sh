#!/bin/bash
# Trains on two hosts that are network namespaces of this machine, joined by a virtual cable:
#
#     bash tests/training/two_hosts.sh [TASK OPTION ...]
#
# By default a few steps of recognition. Each host runs one process with `torchrun`, and no process
# can reach the other host but through the cable. Needs root on Linux; otherwise it says why it does
# nothing, with exit code 77.
set -euo pipefail

skip() { echo "skipped: $1"; exit 77; }
command -v ip > /dev/null || skip "there is no command 'ip' (package iproute2)"
python -c "import lightning" 2> /dev/null || skip "there is no package 'lightning'"

id=skel$$
out=$(mktemp -d)
clean() {
    for host in 0 1; do ip netns del "$id-$host" 2> /dev/null || true; done
    rm -rf "$out"
}
trap clean EXIT
ip netns add "$id-0" 2> /dev/null || skip "network namespaces need root"
ip netns add "$id-1"
ip link add "$id.0" netns "$id-0" type veth peer name "$id.1" netns "$id-1" ||
    skip "this kernel has no virtual network devices (veth)"
for host in 0 1; do
    ip -n "$id-$host" link set lo up
    ip -n "$id-$host" link set "$id.$host" up
    ip -n "$id-$host" address add "10.77.0.$((host + 1))/24" dev "$id.$host"
done

task=("$@")
[ $# -gt 0 ] || task=(recognition --preset nw-ucla-small --clips-per-class 4 --max-steps 4)
pids=()
for host in 0 1; do
    GLOO_SOCKET_IFNAME="$id.$host" OMP_NUM_THREADS=1 ip netns exec "$id-$host" \
        torchrun --nnodes 2 --node-rank "$host" --nproc-per-node 1 \
        --master-addr 10.77.0.1 --master-port 29500 \
        -m pyg_skeleton train "${task[@]}" --batch-size 4 --accelerator cpu --devices 1 --num-nodes 2 \
        --out "$out/run" > "$out/host$host.log" 2>&1 &
    pids+=($!)
done
for host in 0 1; do
    wait "${pids[$host]}" || { cat "$out/host$host.log"; exit 1; }
done
tail -n 5 "$out/host0.log"
[ -f "$out/run/model.pt" ] || { echo "no model.pt was written"; exit 1; }
for host in 0 1; do
    sent=$(ip -n "$id-$host" -s link show "$id.$host" | awk 'seen {print $1; exit} /TX:/ {seen = 1}')
    echo "host $host sent $sent bytes"
done
