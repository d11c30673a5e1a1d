"""parallax as the bench uses it: CONFIG HOSTS run CMD TIMES | put FILE REMOTE."""
import sys
import parallax

config, hosts, task, *rest = sys.argv[1:]
hosts = open(hosts).read().split()
options = parallax.Options()
options.limit = 32
options.ssh_extra = ["-F", config]
if task == "run":
    for _ in range(int(rest[1])):
        results = parallax.call(hosts, rest[0], options)
        assert all(isinstance(r, tuple) and r[0] == 0 for r in results.values()), results
else:
    results = parallax.copy(hosts, rest[0], rest[1], options)
    assert not any(isinstance(r, parallax.Error) for r in results.values()), results
assert len(results) == len(hosts)
