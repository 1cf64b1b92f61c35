"""Domains: whose they are, and which known ones they could be mistaken for.

Pure and offline. Every domain here is in the one normal form (lower-case A-labels).
"""

from addin_service.domains.looks import skeleton
from addin_service.domains.owners import (
    is_free_mail,
    is_within,
    public_suffix,
    registrable,
)
from addin_service.domains.resemblance import Likeness, likeness
from addin_service.domains.shapes import Shape, label, shape, sought, traces

__all__ = (
    "Likeness",
    "Shape",
    "is_free_mail",
    "is_within",
    "label",
    "likeness",
    "public_suffix",
    "registrable",
    "shape",
    "skeleton",
    "sought",
    "traces",
)
