"""What accounts send: the bodies of actions, as types."""

from typing import TYPE_CHECKING, Annotated, Literal, TypeAlias

import msgspec

from dmsim.vocabulary import ContentKind, Setting, Via, Violation, names

#: The longest text of a message or comment, in characters.
TEXT_LENGTH = 10_000

#: The longest word that is searched for, in characters.
WORD_LENGTH = 100

#: How many sticker sets the platform offers; their ids run from 0.
STICKER_SETS = 24

if TYPE_CHECKING:
    SettingWord: TypeAlias = str
    ViaWord: TypeAlias = str
    ViolationWord: TypeAlias = str
    WrittenWord: TypeAlias = str
    SharedWord: TypeAlias = str
else:
    SettingWord = Literal[*names(Setting)]
    ViaWord = Literal[*names(Via)]
    ViolationWord = Literal[*names(Violation)]
    # What is written stands before what is shared.
    WrittenWord = Literal[*names(ContentKind)[: ContentKind.VIDEO]]
    SharedWord = Literal[*names(ContentKind)[ContentKind.VIDEO :]]

Id = Annotated[int, msgspec.Meta(ge=0, le=2**62)]
Time = Annotated[int, msgspec.Meta(ge=-(2**62), le=2**62)]
StickerSet = Annotated[int, msgspec.Meta(ge=0, lt=STICKER_SETS)]
SomeText = Annotated[str, msgspec.Meta(min_length=1)]


class Text(msgspec.Struct):
    """A comment, or what a brand sends to remind somebody or to many."""

    text: SomeText


class PublicReply(msgspec.Struct):
    """A page's answer under a comment; ``announces`` if it tells of a private one (R150, R167)."""

    text: SomeText
    announces: bool = False


class PrivateReply(msgspec.Struct):
    """A page's private answer; ``personal`` if it asks for personal data (R152, R153)."""

    text: SomeText
    personal: bool = False


class EndedCase(msgspec.Struct):
    """The comment that a case began with, null for none."""

    comment: Id | None = None


class NewMessage(msgspec.Struct):
    """A message; a sticker names its set.

    ``via`` is the path through the interface; ``violation`` and ``detected`` say what moderation
    sees in the text, which no server can judge in made-up sentences.
    """

    text: SomeText
    content: WrittenWord = "text"
    sticker_set: StickerSet | None = None
    via: ViaWord = "inbox"
    violation: ViolationWord = "none"
    detected: bool = False


class NewShare(msgspec.Struct):
    """Content that is shared, with or without a text (R28).

    ``fanout`` is the same for all requests that are one share to several addressees (R27); the
    rest is as with a message.
    """

    content: SharedWord
    id: Id
    text: str | None = None
    via: ViaWord = "share_sheet"
    violation: ViolationWord = "none"
    detected: bool = False
    fanout: Id | None = None


class NewSetting(msgspec.Struct):
    """Who may send messages."""

    setting: SettingWord


class Switch(msgspec.Struct):
    """Something that is on or off."""

    on: bool


class Privacy(msgspec.Struct):
    """Whether a video is private."""

    private: bool


class Judgement(msgspec.Struct):
    """What a moderator found.

    ``until`` is the end of a temporary penalty in microseconds of the backend's clock; null leaves
    it to the policy, which ends it as early as it allows.
    """

    violation: ViolationWord
    until: Time | None = None
    closes_report: bool = False
