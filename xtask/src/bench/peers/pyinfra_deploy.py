"""20 commands, one after the other, as pyinfra does it."""
from pyinfra.operations import server

for step in range(20):
    server.shell(name=f"step {step}", commands=["true"])
