"""Whose a domain is: public suffixes, what was registered under them, mail for everybody. Pure.

Offline: the public suffix list comes with a package and is read once, when first needed.
"""

from functools import cache, lru_cache

from publicsuffixlist import PublicSuffixList

_FREE_MAIL = """
    aim.com aol.com aol.co.uk att.net bellsouth.net blueyonder.co.uk btinternet.com btopenworld.com
    comcast.net fastmail.com fastmail.fm fsmail.net gmail.com gmx.co.uk gmx.com gmx.de gmx.net
    googlemail.com hotmail.co.uk hotmail.com hotmail.de hotmail.fr hotmail.it hushmail.com
    icloud.com inbox.com laposte.net libero.it live.co.uk live.com live.nl lycos.com mac.com
    mail.com mail.ru mailbox.org me.com msn.com ntlworld.com o2.co.uk orange.fr outlook.com
    outlook.de outlook.fr pm.me posteo.de proton.me protonmail.com qq.com rocketmail.com
    sbcglobal.net sky.com t-online.de talk21.com talktalk.net tiscali.co.uk tutanota.com tuta.com
    verizon.net virgin.net virginmedia.com wanadoo.fr web.de yahoo.co.uk yahoo.com yahoo.de yahoo.fr
    yahoo.ie yahoo.it yandex.com yandex.ru ymail.com zoho.com
"""
FREE_MAIL = frozenset(_FREE_MAIL.split())
"""Well-known providers where anybody can have a mailbox; our own selection, UK first."""

_SHARED_ENDINGS = """
    gov.wales llyw.cymru nhs.wales nhs.scot wales.nhs.uk scot.nhs.uk onmicrosoft.com
"""
_SHARED = frozenset(_SHARED_ENDINGS.split())
"""Endings that the public suffix list has not, because they are not for sale: below them is another
organisation each time: `glanmor.gov.wales`."""
_ROUTES = {
    ".cjsm.net": "",
    ".pnn.police.uk": ".police.uk",
    ".x.gsi.gov.uk": ".gov.uk",
    ".gsi.gov.uk": ".gov.uk",
    ".gsx.gov.uk": ".gov.uk",
    ".gse.gov.uk": ".gov.uk",
    ".gcsx.gov.uk": ".gov.uk",
}
"""Secure routes that stand after an organisation's domain, and what stands there without them.
`chambers.example.cjsm.net` (criminal justice secure mail) belongs to `chambers.example`."""
_ROUTE_ENDS = tuple(_ROUTES)


@cache
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList()


def owner(domain: str) -> str:
    """The domain whose owner reads the mail: without a secure route that stands in or after it."""
    if not domain.endswith(_ROUTE_ENDS):
        return domain
    route = max((route for route in _ROUTES if domain.endswith(route)), key=len)
    inner = domain.removesuffix(route) + _ROUTES[route]
    return inner if "." in inner else domain


@lru_cache(maxsize=65536)
def public_suffix(domain: str) -> str:
    """The ending under which anybody can register: `gov.uk`; the last label where none is known."""
    domain = owner(domain)
    labels = domain.split(".")
    for start in range(max(0, len(labels) - 4), len(labels) - 1):
        if ".".join(labels[start:]) in _SHARED:
            return ".".join(labels[start:])
    return _suffixes().publicsuffix(domain) or labels[-1]


def registrable(domain: str) -> str:
    """What somebody registered: `council.gov.uk` of `mail.council.gov.uk`.

    A domain that is itself a public suffix is returned as it is.
    """
    domain, suffix = owner(domain), public_suffix(domain)
    above = domain.removesuffix(suffix).removesuffix(".")
    return f"{above.rpartition('.')[2]}.{suffix}" if above else domain


def is_within(domain: str, parent: str) -> bool:
    """Whether `domain` is `parent` or below it, by whole labels."""
    return domain == parent or (bool(parent) and domain.endswith("." + parent))


def is_free_mail(domain: str) -> bool:
    """Whether anybody can have a mailbox there."""
    return domain in FREE_MAIL
