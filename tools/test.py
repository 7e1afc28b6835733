#!/usr/bin/env python3
"""Runs every test there is, one part after the other, and ends with the count.

Parts (choose some by naming them): lint, unit (ASan + UBSan), threads (TSan), fuzz, web, e2e.
FUZZ_SECONDS says how long each fuzzer runs (default 10).
"""
import json
import os
import pathlib
import re
import subprocess
import sys
import time
import xml.etree.ElementTree

ROOT = pathlib.Path(__file__).resolve().parent.parent
FUZZ_SECONDS = int(os.environ.get("FUZZ_SECONDS", "10"))


class Count:
    def __init__(self, passed=0, failed=0):
        self.passed, self.failed = passed, failed

    def __add__(self, other):
        return Count(self.passed + other.passed, self.failed + other.failed)


def run(command, cwd=ROOT, env=None):
    """Runs a command and shows its output only when it fails. Returns (ok, output)."""
    done = subprocess.run(command, cwd=cwd, env={**os.environ, **(env or {})}, text=True, errors="replace",
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if done.returncode != 0:
        print("$ " + " ".join(map(str, command)))
        print(done.stdout[-20000:], flush=True)
    return done.returncode == 0, done.stdout


def one(ok):
    return Count(1, 0) if ok else Count(0, 1)


def configure(folder, *options, env=None):
    if (ROOT / folder / "build.ninja").exists():
        return True
    return run(["meson", "setup", folder, *options], env=env)[0]


def compile_in(folder, *targets):
    return run(["ninja", "-C", folder, "--quiet", *targets])[0]


def junit_count(path):
    """Meson's report: every TAP line is a case; a program that died is one failure."""
    passed = failed = 0
    for suite in xml.etree.ElementTree.parse(path).getroot().iter("testsuite"):
        bad = int(suite.get("failures", 0)) + int(suite.get("errors", 0))
        failed += bad
        passed += int(suite.get("tests", 0)) - bad - int(suite.get("skipped", 0))
    return Count(passed, failed)


def unit_tests(folder, suite, extra):
    """A non-zero exit that no case explains is a failure of its own."""
    report = ROOT / folder / "meson-logs" / "testlog.junit.xml"
    report.unlink(missing_ok=True)
    ok, _ = run(["meson", "test", "-C", folder, "--no-rebuild", "--print-errorlogs", "--suite", suite], env=extra)
    count = junit_count(report) if report.exists() else Count()
    if not ok and count.failed == 0:
        count.failed = 1
    return count


def lint():
    return one(configure("build-asan", "-Db_sanitize=address,undefined", "-Dtests=true")
               and run(["tools/lint.sh", "build-asan"])[0])


def unit():
    folder = "build-asan"
    if not (configure(folder, "-Db_sanitize=address,undefined", "-Dtests=true") and compile_in(folder)):
        return Count(0, 1)
    return unit_tests(folder, "unit", {"UBSAN_OPTIONS": "halt_on_error=1:print_stacktrace=1"})


def threads():
    folder = "build-tsan"
    if not (configure(folder, "-Db_sanitize=thread", "-Dtests=true") and compile_in(folder)):
        return Count(0, 1)
    return unit_tests(folder, "threads", {"TSAN_OPTIONS": "halt_on_error=1:second_deadlock_stack=1"})


def fuzz():
    """clang compiles all sources here, which is also the proof that it does so without a warning."""
    folder = "build-fuzz"
    targets = [f"tests/fuzz/{path.stem}" for path in sorted((ROOT / "tests" / "fuzz").glob("fuzz_*.c"))]
    if not (configure(folder, "-Dfuzzers=true", "-Db_lundef=false", env={"CC": "clang"}) and compile_in(folder, *targets)):
        return Count(0, 1)
    count = Count()
    for target in targets:
        corpus = ROOT / folder / "corpus" / pathlib.Path(target).name
        corpus.mkdir(parents=True, exist_ok=True)
        count += one(run([ROOT / folder / target, f"-max_total_time={FUZZ_SECONDS}", "-max_len=65536", "-timeout=10",
                          "-rss_limit_mb=2048", f"-artifact_prefix={corpus}-", corpus])[0])
    return count


def program():
    return run(["make", "--no-print-directory", "build"])[0]


def web():
    # The build writes the types anew, so whether the committed ones are current is asked before it.
    if not run(["make", "--no-print-directory", "web/node_modules/.installed"])[0]:
        return Count(0, 1)
    count = one(run(["node", "scripts/generate.mjs", "--check"], cwd=ROOT / "web")[0])
    if not program():
        return count + Count(0, 1)
    count += one(run(["npm", "run", "--silent", "check"], cwd=ROOT / "web")[0])
    report = ROOT / "build" / "vitest.json"
    report.unlink(missing_ok=True)
    ok, _ = run(["npx", "--no-install", "vitest", "run", "--reporter=json", f"--outputFile={report}"], cwd=ROOT / "web")
    if report.exists():
        result = json.loads(report.read_text())
        count += Count(result["numPassedTests"], result["numFailedTests"])
    return count if ok or count.failed else count + Count(0, 1)


def e2e():
    folder = ROOT / "tests" / "e2e"
    if not program() or not run(["npm", "ci", "--silent", "--no-audit", "--no-fund"], cwd=folder)[0]:
        return Count(0, 1)
    ok, output = run(["node", "--test", "--test-concurrency=1", "--test-reporter=tap", *sorted(p.name for p in folder.glob("*.test.mjs"))],
                     cwd=folder)
    found = {word: int(number) for word, number in re.findall(r"^# (pass|fail|cancelled) (\d+)$", output, re.M)}
    count = Count(found.get("pass", 0), found.get("fail", 0) + found.get("cancelled", 0))
    return count if ok or count.failed else count + Count(0, 1)


PARTS = {"lint": lint, "unit": unit, "threads": threads, "fuzz": fuzz, "web": web, "e2e": e2e}


def main(names):
    unknown = [name for name in names if name not in PARTS]
    if unknown:
        sys.exit(f"unknown part {unknown[0]}; there are: {', '.join(PARTS)}")
    total = Count()
    for name in names or PARTS:
        print(f"vigil: testing {name} ...", flush=True)
        started = time.monotonic()
        count = PARTS[name]()
        total += count
        print(f"vigil: {name}: {count.passed} passed, {count.failed} failed ({time.monotonic() - started:.0f} s)", flush=True)
    print(f"{total.passed} passed, {total.failed} failed")
    sys.exit(total.failed > 0 or total.passed == 0)


main(sys.argv[1:])
