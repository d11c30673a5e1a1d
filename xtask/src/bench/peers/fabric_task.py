"""Fabric as the bench uses it: CONFIG HOSTS run CMD TIMES | put FILE REMOTE."""
import sys
from fabric import Config, ThreadingGroup

config, hosts, task, *rest = sys.argv[1:]
hosts = open(hosts).read().split()
with ThreadingGroup(*hosts, config=Config(runtime_ssh_path=config)) as group:
    if task == "run":
        for _ in range(int(rest[1])):
            results = group.run(rest[0], hide=True)
    else:
        results = group.put(rest[0], rest[1])
    assert len(results) == len(hosts)
