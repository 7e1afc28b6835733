#!/usr/bin/env python3
"""How many pictures a second, and how soon they are known: the whole program, real files, a real client.

Drops --rate pictures a second for --seconds into --cameras folders, each written under a hidden name and renamed,
and reads the journal through `vigil tail`. Prints what became of the files, the time from the rename to
`detection.new` at the client, the time from a closed batch to its `event`, and the server's CPU per picture.
"""
import argparse
import calendar
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent
TICKS = os.sysconf("SC_CLK_TCK")


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rate", type=float, default=50)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--cameras", type=int, default=8)
    parser.add_argument("--size", default="1920x1080")
    parser.add_argument("--vigil", default=str(ROOT / "build" / "vigil"))
    return parser.parse_args()


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def get(port, path):
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as answer:
        return json.load(answer)


def wait_until(look, seconds):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            found = look()
            if found:
                return found
        except OSError:
            pass
        time.sleep(0.02)
    raise SystemExit("bench: waited in vain")


def cpu_seconds(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def memory_mib(pid):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
    return 0


def retouched(jpeg, number):
    """Other bytes, the same picture: a JPEG comment after the start marker."""
    text = f"picture {number}".encode()
    return jpeg[:2] + b"\xff\xfe" + (len(text) + 2).to_bytes(2, "big") + text + jpeg[2:]


def percentile(values, share):
    values = sorted(values)
    return values[min(len(values) - 1, int(len(values) * share))] if values else float("nan")


def milliseconds(values):
    return ", ".join(f"{name} {percentile(values, share) * 1000:.0f} ms"
                     for name, share in (("p50", .5), ("p95", .95), ("p99", .99), ("max", 1)))


def instant(text):
    whole, _, fraction = text.rstrip("Z").partition(".")
    return calendar.timegm(time.strptime(whole, "%Y-%m-%dT%H:%M:%S")) + (float("0." + fraction) if fraction else 0)


class Tail(threading.Thread):
    """Every message of the journal with the moment it was read."""

    def __init__(self, vigil, port):
        super().__init__(daemon=True)
        self.process = subprocess.Popen([vigil, "tail", "--json", "--since", "start", "--url", f"ws://127.0.0.1:{port}"],
                                        stdout=subprocess.PIPE, text=True)
        self.messages = []
        self.start()

    def run(self):
        for line in self.process.stdout:
            self.messages.append((time.time(), json.loads(line)))


def draw(args, folder, environment):
    """Some drawn scenes, so that there is something to find and something to leave alone."""
    subprocess.run([args.vigil, "feed", "--root", folder, "--camera", "drawn", "--count", "40", "--speed", "10000",
                    "--size", args.size], check=True, env=environment, stdout=subprocess.DEVNULL)
    return [path.read_bytes() for path in sorted(pathlib.Path(folder, "drawn").glob("*.jpg"))]


def drop_all(args, cameras, pictures):
    """Returns path -> moment of the rename, and the seconds it took."""
    dropped = {}
    started = time.monotonic()
    for number in range(int(args.rate * args.seconds)):
        wait = started + number / args.rate - time.monotonic()
        if wait > 0:
            time.sleep(wait)
        path = cameras / f"camera_{number % args.cameras}" / f"MDAlarm_{number:06}.jpg"
        hidden = path.parent / f".{path.name}.part"
        hidden.write_bytes(retouched(pictures[(number // args.cameras) % len(pictures)], number))
        hidden.rename(path)
        dropped[str(path)] = time.time()
    return dropped, time.monotonic() - started


def detections(port):
    """id -> file path, of all."""
    found, cursor = {}, ""
    while True:
        page = get(port, f"/api/detections?limit=100{cursor}")
        found.update({item["id"]: item["file_path"] for item in page["items"]})
        if not page["pagination"]["next_cursor"]:
            return found
        cursor = f"&cursor={page['pagination']['next_cursor']}"


def report(args, port, tail, dropped, took, counts):
    paths = detections(port)
    first_seen, closed, judged = {}, {}, {}
    for moment, message in tail.messages:
        data = message["data"]
        if message["type"] == "detection.new":
            first_seen.setdefault(paths.get(data["detection_id"]), moment)
        elif message["type"] == "detection.batch":
            closed[data["batch_id"]] = instant(data["closed_at"])
        elif message["type"] == "event":
            judged[data["batch_id"]] = moment
    seen = [moment - dropped[path] for path, moment in first_seen.items() if path in dropped]
    events = [judged[batch] - moment for batch, moment in closed.items() if batch in judged]

    print(f"pictures dropped           {len(dropped)} of {args.size} in {took:.1f} s ({len(dropped) / took:.1f}/s), {args.cameras} cameras")
    print(f"what became of them        {', '.join(f'{name} {count}' for name, count in counts.items())}; sum {sum(counts.values())}")
    print(f"file closed to message     {milliseconds(seen)} ({len(seen)} pictures; 500 ms of it are the debounce)")
    print(f"batch closed to event      {milliseconds(events)} ({len(events)} events)")


def main():
    args = arguments()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="vigil-bench-"))
    cameras = folder / "cameras"
    for number in range(args.cameras):
        (cameras / f"camera_{number}").mkdir(parents=True)
    port = free_port()
    environment = {**os.environ, "API_HOST": "127.0.0.1", "API_PORT": str(port), "DATA_DIR": str(folder / "data"),
                   "FOSCAM_BASE_PATH": str(cameras), "BATCH_IDLE_TIMEOUT_SECONDS": "2", "BATCH_WINDOW_SECONDS": "5"}
    pictures = draw(args, str(folder / "drawn"), environment)
    started = time.monotonic()
    server = subprocess.Popen([args.vigil, "serve"], env=environment, stdout=subprocess.DEVNULL)
    tail = None
    try:
        wait_until(lambda: get(port, "/health"), 20)
        print(f"listening after            {(time.monotonic() - started) * 1000:.0f} ms")
        time.sleep(2)
        print(f"idle server's memory       {memory_mib(server.pid):.1f} MiB")
        tail = Tail(args.vigil, port)
        before = cpu_seconds(server.pid)
        dropped, took = drop_all(args, cameras, pictures)

        def settled():
            counts = get(port, "/api/intake/refused?limit=1")["counts"]
            return counts if counts["queued"] == 0 and sum(counts.values()) == len(dropped) else None

        counts = wait_until(settled, 120)
        cpu = cpu_seconds(server.pid) - before
        time.sleep(6)  # the last batches close
        report(args, port, tail, dropped, took, counts)
        print(f"server's CPU per picture   {cpu / len(dropped) * 1000:.1f} ms")
        print(f"busy server's memory       {memory_mib(server.pid):.1f} MiB")
        print(f"load of the machine        {os.getloadavg()[0]:.2f} on {os.cpu_count()} cores")
    finally:
        if tail:
            tail.process.send_signal(signal.SIGINT)
            tail.process.wait(10)
        server.send_signal(signal.SIGTERM)
        server.wait(30)
        shutil.rmtree(folder, ignore_errors=True)


main()
