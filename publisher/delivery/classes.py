"""Whose fault a refusal is: the class of what a mail server said, by a table of rules; pure.

Only `hard` ever costs a reader their place, so a rule leads there only where the words or the
code leave no doubt; whatever speaks of us, our mail or our rate comes before it.
"""

import re
from typing import Literal, NamedTuple

from publisher.mail.replies import FAILED, Reply

Class = Literal["hard", "hard_at_end", "soft", "policy", "address", "message", "too_old", "unknown"]

_STATUS = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")  # RFC 3463 §2
_GONE = frozenset({"1.1", "1.2", "1.3", "1.6", "1.10"})
_SILENT = frozenset({"", "0.0", "1.0", "2.0", "2.1", "5.0"})  # say too little: the words decide


class _Rule(NamedTuple):
    """The first rule that fits decides; a status is written without its first digit."""

    verdict: Class
    status: re.Pattern[str]
    words: re.Pattern[str]


def _rule(verdict: Class, *, status: str = ".*", words: str = "") -> _Rule:
    return _Rule(verdict, re.compile(status), re.compile(words, re.IGNORECASE))


_FULL = r"quota|(mail ?box|inbox|storage).{0,20}\bfull\b|insufficient (system )?(storage|resources)"
_BLOCKED = (
    r"\bspam|\bblock(ed|ing|s|ed using)?\b|[bd]lock-?list|black-?list|deny-?list|dnsbl|\brbl\b"
    r"|\bspf\b|\bdkim\b|\bdmarc\b|\barc\b|reverse dns|\bptr\b|\bhelo\b|reputation|\brate\b"
    r"|throttl|too many|\bpolicy|policies|authenticat|unsolicited|\bbulk\b|content rejected"
    r"|access denied|not authori[sz]ed|not permitted|not allowed|\brelay(ing)?\b"
    r"|\bsender\b|return path|mail from|virus|malware|banned|suspicious"
)
_NOBODY = (
    r"(user|recipient|mailbox|account|address|addressee|local ?part)s?( \S+){0,3}? "
    r"(is |are |was |has been )?(unknown|not found|invalid|closed|deleted|terminated|disabled"
    r"|unavailable permanently|does not exist|doesn'?t exist|not exist|not listed)"
    r"|(unknown|invalid|no such|non-?existent) "
    r"(user|recipient|mailbox|account|address|reader|person|local ?part)"
    r"|no (mail ?box|user|account) (here|by that name)|unrouteable address|no longer (exists|valid)"
    r"|does(n'?t| not) have an? .{0,40}account|user unknown|not a (known|valid) (user|mailbox)"
    r"|(domain|host)( \S+)? (not found|unknown|does not exist)|null ?mx"
)
_RULES = (
    _rule("soft", words=r"gr[ae]y-?list"),  # everybody's first mail is put off there
    _rule("soft", status=r"2\.2"),
    _rule("policy", status=r"7\.\d+|1\.[78]"),  # 1.7 and 1.8 speak of our sender
    _rule("policy", words=_BLOCKED),
    _rule("soft", words=_FULL),
    _rule("hard", status="|".join(re.escape(status) for status in sorted(_GONE))),
    _rule("hard", status="|".join(re.escape(status) for status in sorted(_SILENT)), words=_NOBODY),
    _rule("soft", status=r"[234]\.\d+"),
)


def class_of(reply: Reply) -> Class | None:
    """The class of what was not accepted; None for accepted and uncertain.

    `hard` is a refusal of the reader's address at RCPT; `hard_at_end` says the same when the
    message was there already, as filters do, and is no proof. What is put off is never hard.
    """
    if reply.outcome not in {"refused", "deferred"}:
        return None
    match reply.stage:
        case "address" | "message" as ours:
            return ours
    found = _STATUS.search(reply.text)
    verdict = _verdict(f"{found[2]}.{found[3]}" if found else "", reply.text)
    if reply.outcome == "deferred" or (reply.code or 0) // 100 == FAILED:
        return "policy" if verdict == "policy" else "soft"
    if verdict == "hard" and reply.stage != "rcpt":
        return "hard_at_end"
    return verdict


def _verdict(status: str, words: str) -> Class:
    for rule in _RULES:
        if rule.status.fullmatch(status) and rule.words.search(words):
            return rule.verdict
    return "unknown"
