"""In which shapes a sealed message can travel, and who can open each."""

from collections.abc import Mapping
from typing import Literal

Shape = Literal["mime", "inline", "parts", "notice", "zip", "smime"]
"""`mime` a whole PGP/MIME entity, `inline` armoured text, `parts` the two PGP/MIME parts as
attachments, `notice` a text and one attachment; `zip` an AES ZIP, `smime` an S/MIME entity."""

Format = Literal["openpgp", "zip", "smime"]
"""What a reader needs: an OpenPGP key, a passphrase, an S/MIME certificate."""

FORMAT_OF: Mapping[Shape, Format] = {
    "mime": "openpgp",
    "inline": "openpgp",
    "parts": "openpgp",
    "notice": "openpgp",
    "zip": "zip",
    "smime": "smime",
}

Way = Literal["ask", "zip", "smime"]
"""What can be done for a reader without a usable key: ask for one, or another format."""
