"""A backend that breaks one rule, for tests of the judge.

python tests/server/faulty_server.py --fault no_one_ignored --port 0 --db FILE --json
"""

import argparse
import sys
from pathlib import Path

from dmsim.errors import DmsimError, ExitCode
from dmsim.server.run import Options, run

# Started as a script: its folder, not the tests' package, is where it finds its neighbours.
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.server.faults import FAULTS


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fault", choices=sorted(FAULTS), required=True)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--db", type=Path, required=True)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    options = Options(port=given.port, database=given.db, json=given.json, simulated_time=True)
    try:
        run(options, decisions=FAULTS[given.fault]())
    except DmsimError as error:
        print(f"error: {error}", file=sys.stderr)
        return int(error.exit_code)
    except KeyboardInterrupt:
        return int(ExitCode.INTERRUPTED)
    return 0


if __name__ == "__main__":
    sys.exit(main())
