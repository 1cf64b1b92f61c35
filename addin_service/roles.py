"""Offices and shared mailboxes: addresses that are no one person's. Pure."""

from addin_service.names import plain

_WORDS = """
    accounts admin adoption appeals applications billing booking bookings business care clerk clerks
    committee complaints contact councillors customer customerservices data democratic dpo duty
    editor education elections enquiries enquiry estates events facilities family feedback finance
    foi freedom fostering governance group hello help helpdesk hr housing inbox info information
    inquiries invoices jobs legal licensing list mail mailbox manager marketing media members news
    newsletter noreply no office officers operations orders panel parking partners payroll planning
    post postmaster press procurement purchase records recruitment referral referrals registrar
    reception register reply requests safeguarding sales school schools secretary secure security
    service services shared social staff support system team teams training treasury webmaster
    welfare works
"""
_ROLES = frozenset(_WORDS.split())


def is_role(name: str) -> bool:
    """Whether a name or local part is that of an office rather than of a person."""
    return any(word in _ROLES for word in plain(name).split())
