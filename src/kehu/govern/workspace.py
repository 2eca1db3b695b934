"""One tenant's warehouse as one actor may see it: the only door to the lake."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kehu.base import settings as project
from kehu.govern.access import Access
from kehu.govern.control import Control

if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from pathlib import Path

    import pyarrow as pa

    from kehu.base.settings import Settings
    from kehu.base.types import Result
    from kehu.warehouse.catalog import Catalog
    from kehu.warehouse.lake import Lake, Snapshot, Writer


class Workspace:
    """The door; see `open_workspace`."""

    def __init__(
        self, settings: Settings, lake: Lake, control: Control, access: Access, catalog: Catalog | None = None
    ) -> None:
        self.settings, self.control, self.access, self.catalog = settings, control, access, catalog
        self._lake = lake

    def query(
        self, sql: str, params: tuple[object, ...] = (), *, at: int | None = None, limit: int | None = None
    ) -> Result:
        """Return the rows of SQL typed by a person: gated, under the policy, audited."""
        raise NotImplementedError

    def read(
        self, sql: str, params: tuple[object, ...] = (), *, action: str = "read", subject: str = ""
    ) -> Result:
        """Return the rows of Kehu's own SQL under the policy."""
        raise NotImplementedError

    def arrow(
        self, sql: str, params: tuple[object, ...] = (), *, action: str = "read", subject: str = ""
    ) -> pa.Table:
        """Return what `read` returns, as an Arrow table."""
        raise NotImplementedError

    def append(self, table: str, rows: pa.Table) -> None:
        """Append facts to a ledger."""
        raise NotImplementedError

    def write(self, message: str, *, publish: bool) -> AbstractContextManager[Writer]:
        """Open the writer (jobs and owners)."""
        raise NotImplementedError

    def snapshot(self) -> Snapshot | None:
        """Return the newest published snapshot."""
        return self._lake.snapshot()

    def sees(self, table: str) -> bool:
        """Return whether the policy lets this actor read ``table``."""
        raise NotImplementedError


def open_workspace(
    folder: Path, *, access: Access | str | None = None, workspace: str = "main", catalog: Catalog | None = None
) -> Workspace:
    """Open a project's workspace as ``access``, a user or a role; the owner when None."""
    from kehu.warehouse.lake import Lake

    settings = project.load(folder, workspace=workspace)
    control = Control(settings.data / "control.sqlite")
    held = access if isinstance(access, Access) else Access.owner(workspace=workspace)
    return Workspace(settings, Lake(settings.lake), control, held, catalog)
