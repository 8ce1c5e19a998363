"""The press: renders a variant once and makes each reader's message from it."""

import hashlib
from collections.abc import Mapping
from html import escape

from sqlmodel import Session

from publisher.audience.models import NewsletterRow
from publisher.audience.tokens import Tokens
from publisher.delivery import return_path
from publisher.delivery.plates import News, Printed, Rack
from publisher.delivery.return_path import Kind, Mail
from publisher.delivery.window import Reader
from publisher.editions.blocks import BlockCache, Looks
from publisher.editions.contents import Placed
from publisher.editions.models import EditionRow
from publisher.editions.render import render_variant
from publisher.editions.shapes import Frame, RenderedVariant
from publisher.mail.dkim import sign
from publisher.mail.keyring import Keyring
from publisher.mail.mime import Personal, Skeleton, message_id
from publisher.mail.splice import Slot, make_slots
from publisher.pages.environment import environment
from publisher.pages.links import Links
from publisher.settings import Settings


class Press:
    """Kept by a process, because blocks and variants serve for more than one batch."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._environment = environment(settings)
        self._blocks = BlockCache()
        self._rack = Rack(settings)
        self._secret = settings.secret_key.get_secret_value()
        self._tokens = Tokens(self._secret)
        self._links = Links(settings.base_url)
        # What stands before a token: those consist of letters that no URL quotes.
        self._starts = {
            "unsubscribe_url": self._links.unsubscribe(""),
            "preferences_url": self._links.preferences(""),
            "web_url": self._links.web_view(""),
        }
        self._key = self._secret.encode()
        self._keyring = Keyring(settings)

    def at_hand(self, edition_id: int, variant_id: int, news: News) -> Printed | None:
        """What `print_variant` kept of the variant, unless there is news since."""
        return self._rack.at_hand(edition_id, variant_id, news)

    def print_variant(self, session: Session, edition_id: int, variant_id: int) -> Printed:
        """The variant's skeleton and signer.

        Raises TemplateBrokenError, RefusedError if it is too long, and ConfigurationError where
        its key cannot be used.
        """
        plates = self._rack.plates(session, edition_id)
        if variant_id in plates.printed:
            return plates.printed[variant_id]
        edition, newsletter = plates.edition, plates.newsletter
        slots = make_slots(edition.uuid)
        placed = plates.placed(session, variant_id)
        rendered = self.render(plates.frame, placed, slots, looks=plates.looks)
        skeleton = Skeleton.prepare(
            self.shared_headers(edition, newsletter, rendered.subject),
            text=rendered.text,
            html=rendered.html,
            slots=slots,
            seed=f"{edition.uuid} {variant_id}",
            starts=self._starts,
        )
        sender = newsletter.sender_address
        signers = self._keyring.signers(sender, newsletter.dkim_domain, newsletter.dkim_selector)
        moment = edition.frozen_at or edition.created_at
        printed = Printed(
            skeleton, edition_id, edition.uuid, sender, edition.message_domain, moment, signers
        )
        return plates.keep(variant_id, printed)

    def render(
        self,
        frame: Frame,
        placed: Placed,
        slots: Mapping[str, Slot],
        *,
        looks: Looks | None = None,
    ) -> RenderedVariant:
        """Mail text with the slots of personal fields still open."""
        return render_variant(frame, placed, slots, self._blocks, self._environment, looks=looks)

    def message(self, printed: Printed, reader: Reader) -> bytes:
        """One reader's complete message, signed where there is a key."""
        message = printed.skeleton.message(self._personal(printed, reader))
        if not printed.signers:
            return message
        return sign(printed.signers, message, printed.moment) + message

    def return_path(self, printed: Printed, reader: Reader) -> str:
        """Where a bounce of this message goes: an address of its own, if there is a domain."""
        domain = self.settings.bounce_domain
        if not domain:
            return printed.sender
        mail = Mail(Kind.EDITION, printed.edition_id, reader.subscriber_id)
        return return_path.make(self._secret, mail, domain)

    def _personal(self, printed: Printed, reader: Reader) -> Personal:
        edition, subscriber = printed.edition_uuid, reader.subscriber_uuid
        unsubscribe = self._tokens.unsubscribe(reader.subscription_uuid)
        return Personal(
            address=reader.address,
            name=reader.name,
            message_id=message_id(self._key, edition, subscriber, domain=printed.message_domain),
            values={
                "name": reader.name,
                "unsubscribe_url": unsubscribe,
                "preferences_url": self._tokens.preferences(
                    reader.subscription_uuid, printed.moment
                ),
                "web_url": self._tokens.view(edition, subscriber),
            },
            headers=(("List-Unsubscribe", f"<{self._starts['unsubscribe_url']}{unsubscribe}>"),),
        )

    def shared_headers(
        self, edition: EditionRow, newsletter: NewsletterRow, subject: str
    ) -> list[tuple[str, str]]:
        """The headers that all readers of a variant share, in the order they are sent in.

        RFC 2919 for List-Id, RFC 2369 for the other List-*; Precedence and
        X-Auto-Response-Suppress quiet vacation answers.
        """
        moment = edition.frozen_at or edition.created_at
        headers = [
            ("From", f"{newsletter.sender_name} <{newsletter.sender_address}>"),
            ("Subject", subject),
            ("Date", moment.strftime("%a, %d %b %Y %H:%M:%S +0000")),
            ("List-Id", f"{newsletter.name} <{newsletter.slug}.{self.settings.host}>"),
            ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),
            ("List-Help", f"<{self._links.newsletters()}>"),
            ("Feedback-ID", feedback_id(edition, newsletter, self.settings.host)),
            ("Precedence", "bulk"),
            ("X-Auto-Response-Suppress", "OOF, AutoReply"),
        ]
        if newsletter.reply_to:
            headers.insert(1, ("Reply-To", newsletter.reply_to))
            headers.append(("List-Owner", f"<mailto:{newsletter.reply_to}>"))
        return headers


def delivery_id(secret: str, edition: EditionRow, subscriber_uuid: str) -> str:
    """The Message-ID of one delivery, the same at every try; `secret` is the house's key."""
    return message_id(secret.encode(), edition.uuid, subscriber_uuid, domain=edition.message_domain)


def feedback_id(edition: EditionRow, newsletter: NewsletterRow, host: str) -> str:
    """By what Gmail counts complaints: edition, newsletter, kind of mail, and who sends.

    At most four fields, none of them one reader's own; the last is 5 to 15 characters that stay
    the same for a host. It counts only where a DKIM signature covers it.
    """
    sender = hashlib.sha256(host.encode()).hexdigest()[:12]
    return f"{edition.id}:{newsletter.slug}:{edition.kind.value}:{sender}"


def nobodys_values(links: Links) -> dict[str, str]:
    """The personal fields of a mail that is nobody's: its links lead to pages for everybody."""
    return {
        "name": "",
        "unsubscribe_url": links.newsletters(),
        "preferences_url": links.newsletters(),
        "web_url": links.home(),
    }


def filled(page: str, slots: Mapping[str, Slot], values: Mapping[str, str]) -> str:
    """A rendered part with its slots filled for one pair of eyes; for looking, not for mailing."""
    for name, slot in slots.items():
        page = page.replace(slot.pattern, escape(values.get(name, "")))
    return page
