"""An account's own affairs: registering, settings, presence, and a guardian's restriction."""

from dmsim.server.answers import DONE, told
from dmsim.server.bodies import NewSetting, Switch
from dmsim.server.call import Call
from dmsim.server.http import Answer
from dmsim.server.state.accounts import Account
from dmsim.vocabulary import Action, Setting, Verdict, names

_SETTINGS = {name: Setting(code) for code, name in enumerate(names(Setting))}


def register(call: Call) -> Answer:
    """Registering the account that the token names (R11, R80)."""
    verdict, reason = call.decide(Action.REGISTER)
    if verdict != Verdict.DONE:
        return told(verdict, reason)
    return _set(call, call.account, "registered", True)


def change_setting(call: Call) -> Answer:
    """Choosing who may send messages (R6, R16, R59, R60)."""
    body: NewSetting = call.body
    setting = _SETTINGS[body.setting]
    verdict, reason = call.decide(Action.CHANGE_SETTING, setting=setting)
    if verdict != Verdict.DONE:
        return told(verdict, reason)
    return _set(call, call.account, "setting", setting)


def change_read_status(call: Call) -> Answer:
    """Showing when one has read messages, or not (R70)."""
    return _switch(call, Action.CHANGE_READ_STATUS, "read_status")


def change_request_filter(call: Call) -> Answer:
    """Filtering requests from unsafe sources, or not (R53, R54)."""
    return _switch(call, Action.CHANGE_REQUEST_FILTER, "filter_requests")


def change_business_messages(call: Call) -> Answer:
    """Allowing any business messages, or not (R56)."""
    return _switch(call, Action.CHANGE_BUSINESS_MESSAGES, "allow_business")


def change_notifications(call: Call) -> Answer:
    """Being notified of messages, or not (R7)."""
    return _switch(call, Action.CHANGE_NOTIFICATIONS, "notifications")


def check_presence(call: Call) -> Answer:
    """Whether somebody is active or was recently online (R10)."""
    return told(*call.decide(Action.CHECK_PRESENCE, call.peer()))


def restrict_teen(call: Call) -> Answer:
    """A guardian stops the messages of the linked teenager, or lifts that (R13, R14)."""
    teen = call.peer()
    verdict, reason = call.decide(Action.RESTRICT_TEEN, teen)
    if verdict != Verdict.DONE:
        return told(verdict, reason)
    body: Switch = call.body
    return _set(call, call.world.accounts[teen], "family_restricted", body.on)


def _switch(call: Call, action: Action, flag: str) -> Answer:
    verdict, reason = call.decide(action)
    if verdict != Verdict.DONE:
        return told(verdict, reason)
    body: Switch = call.body
    return _set(call, call.account, flag, body.on)


def _set(call: Call, account: Account, name: str, value: bool | int) -> Answer:
    if getattr(account, name) != value:
        setattr(account, name, value)
        call.changes.accounts[account.id] = account
    return DONE
