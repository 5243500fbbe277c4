"""A backend that breaks one rule, for tests of the judge.

python tests/server/faulty_server.py --fault no_one_ignored --port 0 --db FILE --json
"""

import argparse
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from dmsim.errors import DmsimError, ExitCode
from dmsim.rules.facts import DeliveryFacts, Policy
from dmsim.server.decisions import RULES, Decision
from dmsim.server.run import Options, run
from dmsim.vocabulary import Setting, Verdict

Message = Callable[[DeliveryFacts, Policy], Decision]


def no_one_ignored(facts: DeliveryFacts, policy: Policy) -> Decision:
    """ "No one" lets everyone in."""
    if facts.recipient_setting == Setting.NO_ONE:
        facts = facts._replace(recipient_setting=Setting.EVERYONE)
    return RULES.message(facts, policy)


def block_ignored(facts: DeliveryFacts, policy: Policy) -> Decision:
    """Who is blocked can still write."""
    return RULES.message(facts._replace(recipient_blocks=False), policy)


def requests_to_inbox(facts: DeliveryFacts, policy: Policy) -> Decision:
    """Strangers land in the inbox."""
    verdict, reason = RULES.message(facts, policy)
    return (Verdict.INBOX if verdict == Verdict.REQUESTS else verdict), reason


FAULTS: dict[str, Message] = {
    fault.__name__: fault for fault in (no_one_ignored, block_ignored, requests_to_inbox)
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fault", choices=sorted(FAULTS), required=True)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--db", type=Path, required=True)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    decide = replace(RULES, message=FAULTS[given.fault])
    try:
        run(Options(port=given.port, database=given.db, json=given.json), decide=decide)
    except DmsimError as error:
        print(f"error: {error}", file=sys.stderr)
        return int(error.exit_code)
    except KeyboardInterrupt:
        return int(ExitCode.INTERRUPTED)
    return 0


if __name__ == "__main__":
    sys.exit(main())
