"""The platform's staff: moderators' decisions, and reading what was reported."""

from itertools import islice

from dmsim.rules.facts import Policy
from dmsim.rules.sanctions import History, bans_device, penalty_hours
from dmsim.server.actions.showing import show
from dmsim.server.answers import DONE, OUTCOME, OpenReport, OpenReports, done, told
from dmsim.server.bodies import Judgement
from dmsim.server.call import Call
from dmsim.server.http import Answer
from dmsim.server.state.accounts import HOUR, NO_END, Access, Account, Report
from dmsim.server.state.conversation import PAGE
from dmsim.vocabulary import Action, Standing, Verdict, Violation, names, word

_VIOLATIONS = {name: Violation(code) for code, name in enumerate(names(Violation))}


def moderate(call: Call) -> Answer:
    """A moderator's decision on an account: penalty, record and report (R75-R84)."""
    accused = call.world.accounts[call.peer()]
    verdict, reason = call.decide(Action.MODERATE, accused.id)
    if verdict != Verdict.DONE:
        return told(verdict, reason)
    body: Judgement = call.body
    violation = _VIOLATIONS[body.violation]
    if violation != Violation.NONE:
        _punish(call, accused, violation, body.until)
    if body.closes_report:
        accused.open_reports = max(0, accused.open_reports - 1)
        closed = call.world.close_report(accused.id)
        if closed is not None:
            call.changes.reports[closed.id] = closed
    call.changes.accounts[accused.id] = accused
    return DONE


def staff_access(call: Call) -> Answer:
    """Reading what was reported of an account, which the audit log keeps (R97, R99)."""
    accused = call.world.accounts[call.peer()]
    verdict, reason = call.decide(Action.STAFF_ACCESS, accused.id)
    if verdict != Verdict.DONE:
        return told(verdict, reason)
    waiting = call.world.reports.get(accused.id, [])
    audit = call.world.audit
    ids = [report.id for report in waiting]
    entry = Access(len(audit), call.actor, accused.id, call.now, ids)
    audit.append(entry)
    call.changes.audit.append(entry)
    shown = [_shown(call, report) for report in waiting]
    return done(OpenReports(OUTCOME[verdict], accused.open_reports, shown))


def _punish(call: Call, accused: Account, violation: Violation, told: int | None) -> None:
    """The ladder: a penalty is never made milder or shorter by another one (R84)."""
    decisions, policy = call.service.decisions, call.service.policy
    history = History(accused.violations, accused.worst)
    new = decisions.penalty(history, violation, policy)
    until = _end(new, history, violation, policy, call.now) if told is None else told
    accused.violations += 1
    accused.worst = max(accused.worst, int(violation))
    current = decisions.standing_now(accused.standing, accused.until, call.now)
    if new > current:
        accused.until = until
    elif new == current:
        accused.until = max(accused.until, until)
    accused.standing = max(new, current)
    if bans_device(violation, policy):
        _ban_device(call, accused.device)


def _end(new: int, history: History, violation: Violation, policy: Policy, now: int) -> int:
    """When a penalty ends of which the decision does not say it (R81, R82): as soon as may be."""
    least, _ = penalty_hours(new, history, violation, policy)
    return now + least * HOUR if new in (Standing.DM_BANNED, Standing.VIEW_ONLY) else NO_END


def _ban_device(call: Call, device: int) -> None:
    """No account can be registered from it, and by policy none used on it (R80, Q25)."""
    call.world.banned_devices.add(device)
    call.changes.banned_devices[device] = True
    if call.service.policy.device_ban_stops_other_accounts:
        for account in call.world.on_device(device):
            account.standing, account.until = int(Standing.BANNED), NO_END
            call.changes.accounts[account.id] = account


def _shown(call: Call, report: Report) -> OpenReport:
    messages = []
    if report.action not in (Action.REPORT_ACCOUNT, Action.REPORT_CONTENT):
        conversation = call.world.conversation(report.reporter, report.accused)
        assert conversation is not None
        # Whatever either of the two has deleted from his own view since.
        written = (m for m in reversed(conversation.newest) if m.author == report.accused)
        messages = [show(call, message) for message in islice(written, PAGE)]
    about = None if report.about < 0 else report.about
    return OpenReport(report.id, report.reporter, word(report.action), about, report.at, messages)
