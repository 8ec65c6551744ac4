#!/usr/bin/python3
"""An S3-compatible server for tests: OpenStack Swift with its S3 API, one replica, on this machine's loopback.

    s3-server.py <folder> <port>      port to port + 3 must be free; the folder must take extended attributes

Swift is an object store that runs in production; here it has one account, test:tester with the secret key hush-hush.
Ends, and its processes with it, when its standard input ends.
"""
import ctypes
import logging
import os
import pwd
import signal
import socket
import sys
import time

try:
    from swift.common import utils
    from swift.common.ring.builder import RingBuilder
    from swift.common.wsgi import run_wsgi
except ImportError as error:
    sys.exit(f"s3-server: {error}; install it: hack/setup.sh s3")

LOG = os.fdopen(os.dup(2), "w")
STORAGE = ("account", "container", "object")

COMMON = """[DEFAULT]
swift_dir = {folder}
bind_ip = 127.0.0.1
bind_port = {port}
workers = 0
user = {user}
log_level = WARNING
log_custom_handlers = __main__.log_to_stderr
"""

STORAGE_SERVER = """devices = {folder}/devices
mount_check = false
disable_fallocate = true
[pipeline:main]
pipeline = {kind}-server
[app:{kind}-server]
use = egg:swift#{kind}
"""

PROXY = """[pipeline:main]
pipeline = catch_errors cache listing_formats s3api tempauth bulk slo dlo proxy-server
[filter:catch_errors]
use = egg:swift#catch_errors
# Asked for by tempauth, though S3 requests need no tokens: without memcached nothing is cached.
[filter:cache]
use = egg:swift#memcache
[filter:listing_formats]
use = egg:swift#listing_formats
[filter:s3api]
use = egg:swift#s3api
location = us-east-1
[filter:tempauth]
use = egg:swift#tempauth
user_test_tester = hush-hush .admin
[filter:bulk]
use = egg:swift#bulk
[filter:slo]
use = egg:swift#slo
[filter:dlo]
use = egg:swift#dlo
[app:proxy-server]
use = egg:swift#proxy
account_autocreate = true
error_suppression_limit = 1000000
"""


def log_to_stderr(_conf, _name, _console, _route, fmt, logger, _adapted):
    """Swift logs to syslog, which is not everywhere, and closes its standard error."""
    handler = logging.StreamHandler(LOG)
    handler.setFormatter(logging.Formatter(fmt))
    logger.addHandler(handler)


def write(folder, name, text):
    with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
        file.write(text)


def configure(folder, port):
    """Writes the settings of the four servers and the rings that say where each kind is stored."""
    os.makedirs(os.path.join(folder, "devices", "d1"), exist_ok=True)
    write(folder, "swift.conf", "[swift-hash]\nswift_hash_path_suffix = aidc\n[storage-policy:0]\nname = default\ndefault = yes\n")
    # The swift_dir of a server's own settings does not move this file: Swift reads it from /etc/swift unless told here.
    utils.set_swift_dir(folder)
    names = {"folder": folder, "user": pwd.getpwuid(os.getuid()).pw_name}
    write(folder, "proxy.conf", COMMON.format(port=port, **names) + PROXY)
    for offset, kind in enumerate(STORAGE, start=1):
        write(folder, kind + ".conf", (COMMON + STORAGE_SERVER).format(port=port + offset, kind=kind, **names))
        builder = RingBuilder(part_power=0, replicas=1, min_part_hours=0)
        builder.add_dev({"region": 1, "zone": 1, "ip": "127.0.0.1", "port": port + offset, "device": "d1", "weight": 1})
        builder.rebalance()
        builder.get_ring().save(os.path.join(folder, kind + ".ring.gz"))


def start(folder, kind):
    child = os.fork()
    if child:
        return child
    # PR_SET_PDEATHSIG: not one of them outlives a parent that was killed.
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)
    os._exit(run_wsgi(os.path.join(folder, kind + ".conf"), kind + "-server"))


def wait_for(port):
    """The proxy shuns for a minute what did not answer it at its start."""
    for _ in range(300):
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            return
        except OSError:
            time.sleep(0.1)
    sys.exit(f"s3-server: nothing listens on port {port} after 30 s")


def main():
    folder, port = os.path.abspath(sys.argv[1]), int(sys.argv[2])
    configure(folder, port)
    children = [start(folder, kind) for kind in STORAGE]
    for offset in range(1, len(STORAGE) + 1):
        wait_for(port + offset)
    children.append(start(folder, "proxy"))
    sys.stdin.read()
    for child in children:
        os.kill(child, signal.SIGKILL)


if __name__ == "__main__":
    main()
