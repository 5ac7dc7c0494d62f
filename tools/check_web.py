"""Checks the web: types, lint, dependency rules, unit tests."""

from tools.build_web import MODULES, ready, run

CHECKS = (
    ("vue-tsc/bin/vue-tsc.js", "--noEmit"),
    ("eslint/bin/eslint.js", "."),
    (
        "dependency-cruiser/bin/dependency-cruiser.mjs",
        "--config",
        ".dependency-cruiser.mjs",
        "src",
    ),
    ("vitest/vitest.mjs", "run"),
)


def main() -> None:
    """Runs each check; the first that fails ends it."""
    node = ready()
    for script, *arguments in CHECKS:
        print(f"web: {script.split('/')[0]}", flush=True)
        run(node, str(MODULES / script), *arguments)


if __name__ == "__main__":
    main()
