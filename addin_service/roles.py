"""Offices and shared mailboxes: addresses that are no one person's. Pure."""

from addin_service.names import plain

_WORDS = """
    abuse accounts accueil admin adoption all announce appeals applications billing booking
    bookings boxoffice buero bureau bursar business care caseload cases casework childcare clerk
    clerks client clients commissioning committee comms communications complaints compliance
    concerns contact contacto council councillors courts customer customers
    customerservices data dataprotection democracy democratic deputy desk devel director
    disclosure discuss donations dpo duty editor education elections emergency empfang enquiries
    enquiry environment estates events everyone facilities family feedback finance foi fostering
    fraud freedom governance governors gp grants group healthcare hello help helpdesk
    homelessness hostmaster housing hr hub inbox info information inquiries intake integrity
    invoices it itsupport jobs kontakt legal lettings library licensing list listing lists mail
    mailbox maintenance mairie manager marketing media mediation members midwifery news
    newsletter no noreply nursery office officers ombudsman operations orders outreach panel
    panels parking partners patients payroll permits pharmacy planning policy post postmaster
    practice press principal private probate procurement property protection publications
    purchase rathaus reception records recruitment redaction redaktion referral referrals
    refunds register registrar registry renewals rents repairs reply reporting requests research
    reservations residents returns safeguarding sales school schools secretariat secretary
    secure security sekretariat senco service services shared shop social socialcare socialwork
    staff statutory strategy streetcare studio submissions support surgery survey system tax
    team teams technical tenancy tenders training transport treasury triage tribunal trustees
    users ventas vertrieb verwaltung visa volunteering waste webmaster website welfare workforce
    works youth
"""
_ROLES = frozenset(_WORDS.split())
_ENDS = ("admin", "desk", "enquiries", "office", "services", "support", "team", "teams", "unit")
"""What the mailboxes of offices end in when they are written as one word: `adoptionteam`."""


def is_role(name: str) -> bool:
    """Whether a name or local part is that of an office rather than of a person."""
    return any(word in _ROLES or word.endswith(_ENDS) for word in plain(name).split())
