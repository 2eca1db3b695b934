"""What a project holds: batches, tables, quarantine, scores, and the reconciliation of sources with tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kehu.base.errors import LakeError

if TYPE_CHECKING:
    from kehu.base.types import Json, Result
    from kehu.flow.project import Project
