"""Facts as the state of a backend: accounts and tables in which they are true.

Every row of a table gets accounts of its own, so rows do not touch each other.
"""

from pathlib import PurePosixPath
from typing import Any, NamedTuple

from dmsim.rulebook.rows import Past, Step, Story, Who
from dmsim.rulebook.usual import FACTS, WAYS, usual_facts, with_fact
from dmsim.rulebook.values import plain
from dmsim.rules.decide import decide
from dmsim.rules.facts import Circumstances, Facts, PairFacts, Policy, Side
from dmsim.rules.messaging import thread_for_sender
from dmsim.rules.sanctions import is_unsafe
from dmsim.scenario.complaint import literal
from dmsim.trace.schema import INITIAL
from dmsim.vocabulary import Action, ContentKind, Kind, Standing, Thread, Violation, word

SECOND_US = 1_000_000
MINUTE_US = 60 * SECOND_US
HOUR_US = 60 * MINUTE_US
DAY_US = 24 * 60 * MINUTE_US
#: When everything happens (an hour and a second begin), and when penalties end.
NOW = 1000 * DAY_US
FAR = NOW + 3650 * DAY_US
#: How long ago anything can have happened.
_LONGEST_MINUTES = NOW // MINUTE_US

#: The age of an account that is old enough for anything.
_OLD_DAYS = 2000
_OLDEST = 255

#: Whoever has to be there and nobody asks about.
_SOMEBODY = usual_facts(Action.SEND_MESSAGE).sender

#: The sticker set that is used, and the content that is shared where it is no video.
STICKER_SET = 3
CONTENT = 7

_COLUMNS = {PurePosixPath(table.path).stem: tuple(table.columns) for table in INITIAL}

#: Actions whose text carries the labels of moderation.
_LABELLED = (Action.SEND_MESSAGE, Action.SHARE_CONTENT)

_REPLIES = (Action.PUBLIC_REPLY, Action.PRIVATE_REPLY)
_MAILED = (Action.MAILING, Action.SPONSORED_MESSAGE)


class Impossible(Exception):  # noqa: N818 - not an error of anybody's
    """No backend can be given these facts."""


class Cast(NamedTuple):
    """Who and what a row was given: ids, -1 for what it does not need."""

    sender: int
    recipient: int
    staff: int
    post: int
    comment: int
    video: int


class Stage:
    """The initial state of a backend, made up row by row.

    Args:
        policy: under which the backend will judge.
    """

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self._tables: dict[str, list[dict[str, Any]]] = {name: [] for name in _COLUMNS}

    def columns(self) -> dict[str, dict[str, list[Any]]]:
        """The tables that hold something, by name, in the order in which they must be loaded."""
        return {
            name: {column: [row[column] for row in rows] for column in _COLUMNS[name]}
            for name, rows in self._tables.items()
            if rows
        }

    def cast(self, action: Action, facts: Facts) -> Cast:
        """Make the facts true of accounts of their own.

        Args:
            action: what will be asked; comments, videos and sticker sets are made where it needs
                them.
            facts: as it is to find them.

        Raises:
            Impossible: the decision rests on facts that cannot be true at once.
        """
        _check_content(action, facts)
        seen = self._seen(action, facts)
        if self._decide(action, seen) != self._decide(action, facts):
            raise Impossible(self._contradiction(action, facts, seen))
        return self._make(action, facts, Past(), ())

    def cast_story(self, story: Story) -> Cast:
        """Make the facts at the beginning of a story true of accounts of their own.

        Raises:
            Impossible: nobody can do what is asked at its end, or before it.
        """
        _check_content(story.action, story.facts)
        return self._make(story.action, story.facts, story.past, story.before)

    def _make(self, action: Action, facts: Facts, past: Past, before: tuple[Step, ...]) -> Cast:
        sides = _page_and_author(action, before)
        sender = self._sender(facts, past)
        recipient = self._recipient(facts, past, sender)
        self._settle(sender, facts.sender)
        self._settle(recipient, facts.recipient)
        self._relate(sender, recipient, facts.pair)
        with_staff = any(step.by == Who.STAFF for step in before)
        staff = self._account(facts.sender._replace(kind=Kind.STAFF)) if with_staff else -1
        if facts.content.set_added:
            self._add("sticker_sets", account=sender, sticker_set=STICKER_SET, place=0)
        self._send_before(sender, facts)
        post = self._post(action, recipient)
        comment = -1 if sides is None else self._comment(facts, sides, (sender, recipient))
        video = self._video(action, facts, sender, recipient)
        return Cast(sender, recipient, staff, post, comment, video)

    def _decide(self, action: Action, facts: Facts) -> Any:
        return decide(action, facts, self._policy)

    def _contradiction(self, action: Action, facts: Facts, seen: Facts) -> str:
        for name, fact in FACTS.items():
            told, real = (getattr(getattr(f, fact.part, f), fact.field) for f in (facts, seen))
            if told == real:
                continue
            if self._decide(action, with_fact(facts, fact, real)) != self._decide(action, facts):
                return f"a backend cannot be given {name} = {literal(plain(told))} beside the rest"
        return "a backend cannot be given these facts at once"

    def _seen(self, action: Action, facts: Facts) -> Facts:
        """The facts as a backend will gather them from the state that is made for these."""
        sender, recipient, content = facts.sender, facts.recipient, facts.content
        around = facts.circumstances
        active = around.recently_active and self._policy.active_minutes > 0
        if action not in _LABELLED:
            content = content._replace(violation=Violation.NONE, detected=False)
        return facts._replace(
            sender=sender._replace(unsafe=self._source(facts)[2], age=min(sender.age, _OLDEST)),
            recipient=recipient._replace(unsafe=False, age=min(recipient.age, _OLDEST)),
            pair=_seen_pair(facts.pair),
            content=content,
            circumstances=_seen_around(action, around._replace(recently_active=active)),
            via=WAYS.get(action, facts.via),
        )

    def _source(self, facts: Facts) -> tuple[int, int, bool]:
        """Reports and days of age that make the sender as unsafe as told; whether they do."""
        pair, standing = facts.pair, facts.sender.standing
        related = pair.sender_follows or pair.recipient_follows or pair.contact_synced
        enough = self._policy.unsafe_reports if self._policy.unsafe_report_days else 0
        ways = ((0, _OLD_DAYS), (enough, _OLD_DAYS), (0, 0))
        found = [
            (*way, is_unsafe(standing, *way, related=related, policy=self._policy)) for way in ways
        ]
        return next((way for way in found if way[2] == facts.sender.unsafe), found[0])

    def _sender(self, facts: Facts, past: Past) -> int:
        reports, days, _ = self._source(facts)
        reports = past.sender_reports or reports
        offered = facts.circumstances.option_available
        # The recipient's account comes right after the sender's.
        device = 1 if past.shared_device else 0
        sender = self._account(facts.sender, days, everyone_offered=offered, device=device)
        self._record(
            sender,
            facts.sender.standing,
            reports=reports,
            last_report=NOW - past.sender_reported_days_ago * DAY_US,
            device_banned=facts.circumstances.device_banned,
        )
        return sender

    def _recipient(self, facts: Facts, past: Past, sender: int) -> int:
        recipient = self._account(facts.recipient)
        open_reports = int(facts.circumstances.report_open)
        self._record(recipient, facts.recipient.standing, open_reports=open_reports)
        if facts.circumstances.recently_active or past.recipient_was_active:
            ago = past.recipient_active_minutes_ago * MINUTE_US
            self._add("presence", account=recipient, active=NOW - ago)
        if facts.pair.is_guardian:
            self._add("guardians", guardian=sender, teen=recipient)
        return recipient

    def _account(
        self,
        side: Side,
        days: int = _OLD_DAYS,
        *,
        everyone_offered: bool = True,
        device: int = 0,
    ) -> int:
        account = len(self._tables["accounts"])
        self._add(
            "accounts",
            id=account,
            kind=plain(side.kind),
            name=f"account {account}",
            age=min(side.age, _OLDEST),
            registered=side.registered,
            locale="en",
            platform="web",
            archetype="",
            region=plain(side.region),
            device=account + device,
            joined=NOW - days * DAY_US,
            everyone_offered=everyone_offered,
            utc_offset=0,
        )
        return account

    def _settle(self, account: int, side: Side) -> None:
        self._add(
            "settings",
            account=account,
            setting=plain(side.setting),
            read_status=side.read_status,
            filter_requests=side.filter_requests,
            allow_business=side.allow_business,
            notifications=True,
            family_restricted=side.family_restricted,
        )

    def _record(
        self,
        account: int,
        standing: Standing | int,
        *,
        reports: int = 0,
        last_report: int = NOW,
        open_reports: int = 0,
        device_banned: bool = False,
    ) -> None:
        self._add(
            "standings",
            account=account,
            standing=word(Standing(standing)),
            until=FAR,
            violations=int(standing != Standing.GOOD),
            worst="minor" if standing != Standing.GOOD else "none",
            reports=reports,
            last_report=last_report,
            open_reports=open_reports,
            device_banned=device_banned,
        )

    def _relate(self, sender: int, recipient: int, pair: PairFacts) -> None:
        there, back = (sender, recipient), (recipient, sender)
        for table, ends, holds in (
            ("follows", there, pair.sender_follows),
            ("follows", back, pair.recipient_follows),
            ("contacts", there, pair.contact_synced),
            ("acquaintances", there, pair.known_through_friends),
            ("blocks", there, pair.sender_blocks),
            ("blocks", back, pair.recipient_blocks),
        ):
            if holds:
                self._add(table, **dict(zip(_COLUMNS[table], ends, strict=True)))
        conversation = _conversation(pair)
        if conversation is None:
            return
        thread, sender_asked = conversation
        own, others = (0, int(pair.visible), False), (int(not pair.read), 1, False)
        first, second = (own, others) if sender_asked else (others, own)
        ends = there if sender_asked else back
        row = (*ends, word(thread), pair.requested_count, pair.filtered)
        # Unread of both, then visible of both, then muted of both.
        views = (number for numbers in zip(first, second, strict=True) for number in numbers)
        answered = _ago(pair.answered_minutes) if pair.answered_minutes >= 0 else -1
        values = (*row, *views, pair.by_private_reply, answered)
        self._add("threads", **dict(zip(_COLUMNS["threads"], values, strict=True)))

    def _send_before(self, sender: int, facts: Facts) -> None:
        """What the sender has sent of what is limited by the hour and by the second."""
        around = facts.circumstances
        if facts.sender.kind == Kind.BRAND:
            self._add(
                "pages",
                page=sender,
                hour=NOW // HOUR_US,
                private_replies=around.private_replies_this_hour,
                second=NOW // SECOND_US,
                mailed=around.mailed_this_second,
            )

    def _post(self, action: Action, page: int) -> int:
        if action != Action.COMMENT:
            return -1
        post = len(self._tables["posts"])
        self._add("posts", id=post, page=page)
        return post

    def _comment(self, facts: Facts, sides: tuple[Who, Who | None], both: tuple[int, int]) -> int:
        """The comment that is answered or read, with the post that it stands under."""
        post, comment = len(self._tables["posts"]), len(self._tables["comments"])
        page, author = sides
        around = facts.circumstances
        self._add("posts", id=post, page=both[page])
        self._add(
            "comments",
            id=comment,
            post=post,
            author=self._account(_SOMEBODY) if author is None else both[author],
            at=_ago(around.comment_minutes),
            publicly_replied=around.publicly_replied,
            privately_replied=around.privately_replied,
        )
        return comment

    def _video(self, action: Action, facts: Facts, sender: int, recipient: int) -> int:
        video = len(self._tables["videos"])
        author = sender if facts.content.own else recipient
        if action == Action.SHARE_CONTENT and not facts.content.own:
            author = self._account(facts.recipient)
        self._add("videos", id=video, author=author, private=facts.content.private)
        return video

    def _add(self, table: str, **values: Any) -> None:
        self._tables[table].append(values)


def _ago(minutes: int) -> int:
    return max(NOW - minutes * MINUTE_US, 0)


def _page_and_author(action: Action, before: tuple[Step, ...]) -> tuple[Who, Who | None] | None:
    """Whose page a comment stands on and which of the two wrote it, None for somebody else.

    None where no comment is answered or read.

    Raises:
        Impossible: each of the two answers as the page.
    """
    if action == Action.READ_COMMENT:
        return Who.RECIPIENT, None
    done = (*before, Step(Who.SENDER, action))
    pages = {step.by for step in done if step.action in _REPLIES}
    if not pages:
        return None
    if len(pages) > 1:
        raise Impossible("both answer the comment, which stands on the page of one of them")
    (page,) = pages
    return page, Who.RECIPIENT if page == Who.SENDER else Who.SENDER


def _check_content(action: Action, facts: Facts) -> None:
    is_shared = facts.content.kind >= ContentKind.VIDEO
    kind = plain(facts.content.kind)
    if action == Action.SEND_MESSAGE and is_shared:
        raise Impossible(f"a message carries no {kind}: that is share_content")
    if action == Action.SHARE_CONTENT and not is_shared:
        raise Impossible(f"nobody shares a {kind}: that is send_message")


def _conversation(pair: PairFacts) -> tuple[Thread, bool] | None:
    """The conversation in which the facts are true, and whether the sender asked in it."""
    if pair.asked:
        return Thread.REQUESTED, False
    if pair.thread != Thread.NONE:
        return Thread(pair.thread), True
    # Whoever deleted the other's request begins anew, and may have kept messages in view.
    return (Thread.DELETED, False) if pair.visible else None


def _seen_pair(pair: PairFacts) -> PairFacts:
    conversation = _conversation(pair)
    if conversation is None:
        return pair._replace(
            requested_count=0,
            filtered=False,
            read=True,
            by_private_reply=False,
            answered_minutes=-1,
        )
    thread, sender_asked = conversation
    return pair._replace(
        thread=Thread(thread_for_sender(thread, sender_asked)),
        requested_count=pair.requested_count if sender_asked else 0,
        answered_minutes=min(pair.answered_minutes, _LONGEST_MINUTES),
    )


def _seen_around(action: Action, around: Circumstances) -> Circumstances:
    """The circumstances without those of other actions than this one."""
    if action not in (Action.PRIVATE_REPLY, Action.READ_COMMENT):
        around = around._replace(publicly_replied=False, privately_replied=False)
    around = around._replace(comment_minutes=min(around.comment_minutes, _LONGEST_MINUTES))
    if action != Action.PRIVATE_REPLY:
        around = around._replace(comment_minutes=0, private_replies_this_hour=0)
    return around if action in _MAILED else around._replace(mailed_this_second=0)
