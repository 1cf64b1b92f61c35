"""The tables, as SQLAlchemy Core sees them. The migrations create them; a test holds both equal.

Times are UTC text in ISO 8601, so that SQLite and PostgreSQL order and compare them alike.
"""

from sqlalchemy import (
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

settings = Table(
    "settings",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("value", Text, nullable=False),
)
"""Small facts about the data itself: revision of the contacts, state of the organisation folder."""

contacts = Table(
    "contacts",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),  # rises, and is not used again
    Column("entry", String(330), nullable=False),  # an address in normal form, or @domain
    Column("address", String(330), nullable=False),  # as it is written, case kept; "" for a domain
    Column("name", Text, nullable=False, default=""),
    Column("name_key", Text, nullable=False, default=""),  # `names.name_key`, cut
    Column("organisation", Text, nullable=False, default=""),
    Column("status", String(16), nullable=False),  # known | blocked
    Column("source", String(16), nullable=False),  # directory | helpdesk | folder
    Column("owner", Text, nullable=False, default=""),
    Column("reason", Text, nullable=False, default=""),
    Column("expires", String(10)),  # last day on which it counts
    Column("created", String(32), nullable=False),
    Column("hits", Integer, nullable=False, default=0),
    Column("last_used", String(32)),
    Column("person", String(64)),  # the same for all accounts of one person, see `persons`
    UniqueConstraint("entry", "source"),
    Index("ix_contacts_name_key", "name_key"),
    Index(
        "ix_contacts_person",
        "person",
        sqlite_where=text("person IS NOT NULL"),
        postgresql_where=text("person IS NOT NULL"),
    ),
    Index(
        "ix_contacts_whole_domains",
        "entry",
        sqlite_where=text("address = ''"),
        postgresql_where=text("address = ''"),
    ),
)

contact_domains = Table(
    "contact_domains",
    metadata,
    Column("domain", String(255), primary_key=True),
    Column("expires", String(10), primary_key=True),  # as in `contacts`; "" for never
    Column("people", Integer, nullable=False),
)
"""How many contacts are at a domain, by their last day: which domains are known on any day."""

neighbours = Table(
    "neighbours",
    metadata,
    Column("key", Integer, primary_key=True, autoincrement=False),
    Column("contact", Integer, primary_key=True, autoincrement=False),
    sqlite_with_rowid=False,
)
"""The keys of `masks` under which the contacts near an address are found."""

mailboxes = Table(
    "mailboxes",
    metadata,
    Column("address", String(330), primary_key=True),
    Column("revision", Integer, nullable=False, default=0),
    Column("rewritten", Integer, nullable=False, default=0, server_default="0"),
    Column("book", Integer, nullable=False, default=0, server_default="0"),
)
"""The senders. `revision` rises whenever their history, their answers or their address book change;
`rewritten` is the revision at which their messages were last put in order anew, `book` the one at
which their address book last changed."""

correspondents = Table(
    "correspondents",
    metadata,
    Column("mailbox", ForeignKey("mailboxes.address"), primary_key=True),
    Column("address", String(330), primary_key=True),
    Column("name", Text, nullable=False, default=""),
    Column("sent", Integer, nullable=False, default=0),
    Column("heard", Integer, nullable=False, default=0),
    Column("last_sent", String(32)),
    Column("last_heard", String(32)),
    Column("changed", Integer, nullable=False, default=0, server_default="0"),  # at which revision
    Column("named", String(32)),  # when the mail was sent that gave the name
)
"""With whom a mailbox has exchanged mail. Each sender's rows are read for that sender alone."""

messages = Table(
    "messages",
    metadata,
    Column("mailbox", ForeignKey("mailboxes.address"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("at", String(32), nullable=False),
    Column("people", Text, nullable=False),  # normal forms, by blanks
    Column("words", Text, nullable=False),  # keyed hashes, by blanks
    Column("thread", String(16), nullable=False),  # keyed hash; "" for none
    Column("nameless", Boolean),  # true: reported without its Message-ID
)
"""What a mailbox sent, oldest first: who goes with whom, about what. Read for that sender alone."""

book = Table(
    "book",
    metadata,
    Column("mailbox", ForeignKey("mailboxes.address"), primary_key=True),
    Column("client", String(32), primary_key=True),  # which handed it over
    Column("address", String(330), primary_key=True),  # normal form
    Column("name", Text, nullable=False),
    Column("listing", String(32), nullable=False),  # the newest one in which it stood; "" for none
)
"""The sender's own address book, as their mail programs have it. Read for that sender alone."""

seen_messages = Table(
    "seen_messages",
    metadata,
    Column("mailbox", ForeignKey("mailboxes.address"), primary_key=True),
    Column("message", String(64), primary_key=True),  # keyed hash
)
"""Which messages history has counted already, so that nothing is counted twice."""

keeps = Table(
    "keeps",
    metadata,
    Column("mailbox", ForeignKey("mailboxes.address"), primary_key=True),
    Column("kind", String(16), primary_key=True),  # recipient | domain
    Column("key", String(330), primary_key=True),
    Column("sensitive", Boolean, primary_key=True),
    Column("given", String(32), nullable=False),
    Column("until", String(32), nullable=False),
)

requests = Table(
    "requests",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("entry", String(330), nullable=False),
    Column("address", String(330), nullable=False),
    Column("mailbox", String(330), nullable=False),
    Column("client", String(32), nullable=False),
    Column("reason", Text, nullable=False),
    Column("asked", String(32), nullable=False),
    Column("state", String(16), nullable=False),  # open | granted | refused
    Column("decided", String(32)),
)

clients = Table(
    "clients",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("name", Text, nullable=False),
    Column("role", String(16), nullable=False),
    Column("token_hash", String(64), nullable=False),
    Column("created", String(32), nullable=False),
    Column("revoked", String(32)),
    Column("person", String(32)),  # of `people`; null on a desk: whoever sits at it
)

pairing_codes = Table(
    "pairing_codes",
    metadata,
    Column("code_hash", String(64), primary_key=True),
    Column("name", Text, nullable=False),
    Column("role", String(16), nullable=False),
    Column("expires", String(32), nullable=False),
    Column("wrong_tries", Integer, nullable=False, default=0),
    Column("used", String(32)),
    Column("person", String(32)),  # whose client it makes
)

people = Table(
    "people",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("issuer", Text, nullable=False),  # who vouches for the sign-in; "" for an administrator
    Column("subject", Text, nullable=False),  # the issuer's name for them, which never changes
    Column("name", Text, nullable=False),
    Column("created", String(32), nullable=False),
    Column("disabled", String(32)),
    UniqueConstraint("issuer", "subject"),
)
"""Who may send, in a department."""

person_mailboxes = Table(
    "person_mailboxes",
    metadata,
    Column("person", ForeignKey("people.id"), primary_key=True),
    Column("mailbox", String(330), primary_key=True),  # in normal form
    Column("kind", String(16), nullable=False),  # own | delegated | shared
    Column("source", String(16), primary_key=True),  # sign-in | admin
    Column("created", String(32), nullable=False),
    Index("ix_person_mailboxes_mailbox", "mailbox"),
)
"""As whom a person may send. History is the mailbox's, whoever of them sends."""

person_roles = Table(
    "person_roles",
    metadata,
    Column("person", ForeignKey("people.id"), primary_key=True),
    Column("role", String(16), primary_key=True),
    Column("source", String(16), primary_key=True),  # sign-in | admin
)

rate_limits = Table(
    "rate_limits",
    metadata,
    Column("key", String(64), primary_key=True),  # keyed hash of what is limited, and for whom
    Column("level", Float, nullable=False),
    Column("at", Float, nullable=False),  # seconds since 1970, UTC
)
"""Buckets that all workers fill and empty together."""

carried = Table(
    "carried",
    metadata,
    Column("client", String(32), primary_key=True),
    Column("carry", String(32), primary_key=True),  # the add-in's own number of the draft
    Column("review", Text, nullable=False),
    Column("until", String(32), nullable=False),
    Index("ix_carried_until", "until"),
)
"""The newest review of a draft, for a client whose parts cannot hand it to each other."""

policies = Table(
    "policies",
    metadata,
    Column("version", String(16), primary_key=True),
    Column("document", Text, nullable=False),  # the effective policy as JSON
    Column("first_used", String(32), nullable=False),
)

receipts = Table(
    "receipts",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("at", String(32), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("reference", String(16)),
    Column("body", Text, nullable=False),  # JSON; the version of its form inside, as "v"
    Column("hash", String(64), nullable=False),
    Index("ix_receipts_reference", "reference"),
)

chain_head = Table(
    "chain_head",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("seq", Integer, nullable=False),
    Column("hash", String(64), nullable=False),
)
"""One row: the newest receipt. Locking it serialises the writers of the chain."""

certificates = Table(
    "certificates",
    metadata,
    Column("fingerprint", String(64), primary_key=True),
    Column("data", LargeBinary, nullable=False),
    Column("facts", Text, nullable=False),  # what `pgp.reading` found, as JSON
    Column("source", String(16), nullable=False),  # import | folder
    Column("imported", String(32), nullable=False),
    Column("kind", String(8), nullable=False, server_default="openpgp"),  # openpgp | smime
)

certificate_addresses = Table(
    "certificate_addresses",
    metadata,
    Column("address", String(330), primary_key=True),
    Column("fingerprint", ForeignKey("certificates.fingerprint"), primary_key=True),
    Column("claimed", String(32)),  # since when, while it could be used; null: never
)
"""For which addresses a certificate is evidence: how candidates are found."""

bindings = Table(
    "bindings",
    metadata,
    Column("address", String(330), primary_key=True),
    Column("mailbox", String(330), primary_key=True),  # "" for everyone
    Column("fingerprint", String(64), primary_key=True),
    Column("decision", String(16), nullable=False),  # verified | tofu | rejected
    Column("method", String(16), nullable=False),
    Column("decided_by", Text, nullable=False, default=""),
    Column("at", String(32), nullable=False),
    Column("subkeys", Text, nullable=False, default=""),  # encryption keys it had, by blanks
    Column("kind", String(8), nullable=False, server_default="openpgp"),
    Column("organisation", Text, nullable=False, server_default=""),  # its owner's, then
)
"""What people said about keys and addresses: the last word of each."""

evidence = Table(
    "evidence",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("fingerprint", String(64), nullable=False, index=True),
    Column("address", String(330), nullable=False),  # "" where it is about the key alone
    Column("mailbox", String(330), nullable=False),  # whose word it is; "" for everyone
    Column("at", String(32), nullable=False),
    Column("event", String(16), nullable=False),  # imported | verified | tofu | rejected
    Column("means", String(16), nullable=False),  # a source or a method
    Column("by", Text, nullable=False),
    Column("shown", Text, nullable=False),  # what was on the screen, as JSON
)
"""How each certificate came here and what was said of it, in order. Only ever added to."""

binding_states = Table(
    "binding_states",
    metadata,
    Column("address", String(330), primary_key=True),
    Column("mailbox", String(330), primary_key=True),  # for whom; "" for everyone
    Column("kind", String(8), primary_key=True),
    Column("state", String(16), nullable=False),
    Column("fingerprint", String(64), nullable=False),
    Column("at", String(32), nullable=False),
    Column("noticed", String(64), nullable=False),  # the encryption key this sender was told of
)
"""The state in which each binding was last seen: what has changed since is a transition."""
