"""The JSON of what a mail program hands over to be learned from."""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AwareDatetime, Field

from addin_service.learning import Headers, Pages
from addin_service.web.wire import MAX_RECIPIENTS, MailboxIn, Short, Wire

MAX_MAILS = 200
"""Of one request. Whoever sends meanwhile waits for it: some 50 ms."""
MAX_ENTRIES = 1000
FIRST, LAST = datetime(1970, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
"""Between these a mail may be dated."""

Readers = Annotated[list[Short], Field(max_length=MAX_RECIPIENTS)]


class HeadersIn(Wire):
    """The headers of one mail, decoded, each mailbox as `Name <address>`."""

    message: Short
    """Its Message-ID, with or without brackets; "" where it has none."""
    date: Annotated[AwareDatetime, Field(ge=FIRST, le=LAST)]
    from_: Annotated[Short, Field(alias="from")]
    to: Readers = Field(default_factory=list)
    cc: Readers = Field(default_factory=list)
    bcc: Readers = Field(default_factory=list)
    subject: Annotated[str, Field(max_length=10_000)] = ""
    auto_submitted: Short = ""
    precedence: Short = ""
    list_id: Short = ""

    def to_headers(self) -> Headers:
        """The headers as the core knows them."""
        automatic = {
            "auto-submitted": self.auto_submitted,
            "precedence": self.precedence,
            "list-id": self.list_id,
        }
        readers = (*self.to, *self.cc, *self.bcc)
        return Headers(
            self.message, self.date, self.from_, readers, self.subject, tuple(automatic.items())
        )


class HistoryIn(Wire):
    """`POST /v1/history`: what a mailbox sent."""

    mailbox: Short
    mails: Annotated[list[HeadersIn], Field(max_length=MAX_MAILS)]


class BookIn(Wire):
    """`POST /v1/book`: a part of the address book of a mailbox's owner."""

    mailbox: Short
    entries: Annotated[list[MailboxIn], Field(max_length=MAX_ENTRIES, default_factory=list)]
    removed: Annotated[list[Short], Field(max_length=MAX_ENTRIES, default_factory=list)]
    listing: Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")] | None = None
    """The client's number of the complete list that these entries are a part of."""
    complete: bool = False
    """This is the last part of that list."""
    forget: bool = False
    """Forget first what was handed over before, by whichever client."""

    def to_pages(self) -> Pages:
        """The part as the core knows it."""
        return Pages(
            tuple(entry.given for entry in self.entries),
            tuple(self.removed),
            self.listing or "",
            self.complete,
            self.forget,
        )


LEARNING: tuple[type[Wire], ...] = (HeadersIn, HistoryIn, BookIn)
