"""One tenant's warehouse as one actor may see it: the only door to the lake."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

from kehu.base import settings as project
from kehu.base.errors import AccessError, QueryError
from kehu.base.progress import Progress, silent
from kehu.govern.access import Access, resolve
from kehu.govern.audit import Audit, Event
from kehu.govern.compiled import View
from kehu.govern.control import Control
from kehu.govern.policy_file import PolicyFile
from kehu.govern.redact import subject as kept_subject
from kehu.govern.refused import told
from kehu.govern.serving import Question, Serving
from kehu.warehouse.lake import open_lake
from kehu.warehouse.upkeep.compact import sorts_of
from kehu.warehouse.upkeep.tidy import tidy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    import pyarrow as pa

    from kehu.base.settings import Settings
    from kehu.base.types import Result
    from kehu.govern.answers import Counts
    from kehu.govern.slow import Slow
    from kehu.warehouse.catalog import Catalog
    from kehu.warehouse.lake import Reader, Snapshot, Writer
    from kehu.warehouse.upkeep.tidy import Tidied

T = TypeVar("T")
ROWS = 100_000  # a person's query without a limit of its own that gives more is refused, not cut


class Workspace:
    """One tenant's warehouse as one actor may see it; made by `open_workspace`.

    Attributes
    ----------
    access : Access
        Who acts.
    settings : Settings
        The project's ``kehu.toml``.
    control : Control
        Users and audit log.
    catalog : Catalog or None
        What the tables hold; without it every column counts as personal data.
    """

    def __init__(
        self, settings: Settings, control: Control, access: Access, catalog: Catalog | None, shared: Serving
    ) -> None:
        self.settings, self.control, self.access, self.catalog = settings, control, access, catalog
        self._shared = shared

    @property
    def audit(self) -> Audit:
        """The audit log."""
        return self._shared.audit

    def acting(self, access: Access | str) -> Workspace:
        """Return the same workspace as another actor sees it; a string names a user or a role."""
        held = resolve(access, self.control, workspace=self.access.workspace) if isinstance(access, str) else access
        return Workspace(self.settings, self.control, held, self.catalog, self._shared)

    def query(
        self, sql: str, params: Sequence[object] = (), *, at: int | None = None, limit: int | None = None
    ) -> Result:
        """Return the rows of SQL typed by a person: through the gate, under the policy, audited.

        Parameters
        ----------
        sql : str
            One SELECT over tables this actor may read.
        params : sequence
            Values of its ``?`` placeholders.
        at : int, optional
            A published snapshot; the newest when None.
        limit : int, optional
            Return at most so many rows; when None, more than 100,000 are an error.

        Raises
        ------
        QueryError
            When the gate refuses the SQL, it is wrong, takes longer than ``query_seconds`` or gives too many rows.
        AccessError
            When the actor may not query, or may not read one of the tables.
        """
        most = ROWS + 1 if limit is None else limit
        with self._audited("query", sql=sql) as seen:
            self.access.demand("query")
            reader = self._shared.reader(at, self.access)
            text = self._shared.compiler.typed(sql, self._view(reader), limit=most)
            asked = Question(reader, text, params, self.access, "query", is_typed=True)
            result = self._told(lambda: self._shared.rows(asked))
            if limit is None and len(result.rows) > ROWS:
                raise QueryError(f"the query gives more than {ROWS:,} rows", fix="Add a LIMIT, or aggregate")
            seen["rows"], seen["snapshot"] = len(result.rows), result.snapshot
        return result

    def read(self, sql: str, params: Sequence[object] = (), *, action: str = "read", subject: str = "") -> Result:
        """Return the rows of Kehu's own SQL, under the policy; audited when a person acts.

        Parameters
        ----------
        sql, params : str, sequence
            One SELECT with bare table names, which may use any function; values of its ``?`` placeholders.
        action, subject : str
            What the audit line says: read, search or export, of ``kind:id`` (``search:<text>`` as a keyed hash).

        Raises
        ------
        AccessError
            When the actor may not do ``action``, or may not read one of the tables.
        """
        with self._audited(action, subject) as seen:
            asked = self._asked(sql, params, action, subject)
            result = self._told(lambda: self._shared.rows(asked))
            seen["rows"], seen["snapshot"] = len(result.rows), result.snapshot
        return result

    def arrow(self, sql: str, params: Sequence[object] = (), *, action: str = "read", subject: str = "") -> pa.Table:
        """Return what `read` returns, as an Arrow table."""
        with self._audited(action, subject) as seen:
            asked = self._asked(sql, params, action, subject)
            table = self._told(lambda: self._shared.arrow(asked))
            seen["rows"], seen["snapshot"] = table.num_rows, asked.reader.snapshot
        return table

    def append(self, table: str, rows: pa.Table) -> None:
        """Append facts to a ledger (jobs and owners); the next build publishes them."""
        with self.write(f"append to {table}", publish=False) as writer:
            writer.append(table, rows)

    @contextmanager
    def write(self, message: str, *, publish: bool) -> Iterator[Writer]:
        """Open the lake's only writer (jobs and owners); all is committed at the end, or nothing.

        Raises
        ------
        AccessError
            When the actor is no owner.
        LakeError
            When another writer does not finish, or the disk is full.
        """
        with self._audited("write", f"lake:{'publish' if publish else 'land'}", text=message):
            self.access.demand("write")
            with self._shared.lake.writer(message, publish=publish, author=self.access.actor) as writer:
                yield writer

    def tidy(self, progress: Progress = silent) -> Tidied:
        """Merge small files and free the disk of what only expired snapshots need (jobs and owners)."""
        with self._audited("write", "lake:tidy"):
            self.access.demand("write")
            days, sorts = self.settings.keep_days, sorts_of(self.catalog)
            return tidy(self._shared.lake, days=days, sorts=sorts, progress=progress)

    def snapshot(self) -> Snapshot | None:
        """Return the newest published snapshot, None before the first build."""
        return self._shared.newest(self.access)

    def serve(self) -> None:
        """Let people ask the former snapshot while a new one is opened, so that no page has to wait for it."""
        self._shared.is_patient = True

    def answers(self) -> Counts:
        """Return how often answers were remembered since the workspace was opened."""
        return self._shared.answers.counts()

    def slow(self, most: int = 20) -> list[Slow]:
        """Return the newest slow queries (owners)."""
        self.access.demand("write")
        return self._shared.slow.last(most)

    def published(self) -> list[Snapshot]:
        """Return the published snapshots that are still kept, newest first."""
        return [held for held in self._shared.lake.snapshots() if held.is_published]

    def pending(self) -> list[Snapshot]:
        """Return what was committed after the newest published snapshot: rows landed, not built yet."""
        return self._shared.lake.pending()

    def tables(self) -> dict[str, tuple[tuple[str, str], ...]]:
        """Return the tables this actor may read with their (column, type) pairs; none before the first build."""
        if self.snapshot() is None:
            return {}
        return {
            table: columns
            for table, columns in self._shared.reader(None, self.access).tables().items()
            if self.sees(table)
        }

    def sees(self, table: str) -> bool:
        """Return whether the policy lets this actor read ``table`` (which need not exist)."""
        return self.access.is_system or self._shared.policy.policy().sees(table, self.access)

    def _asked(self, sql: str, params: Sequence[object], action: str, subject: str) -> Question:
        self.access.demand(action)
        reader = self._shared.reader(None, self.access)
        text = sql if self.access.is_system else self._shared.compiler.trusted(sql, self._view(reader))
        return Question(reader, text, params, self.access, action, subject)

    def _view(self, reader: Reader) -> View:
        tables, known = reader.tables(), self.catalog

        def personal(table: str) -> frozenset[str] | None:
            return None if known is None else known.personal(table, [column for column, _ in tables[table]])

        return View(reader.snapshot, tables, self._shared.policy.policy(), self.access, personal)

    def _told(self, run: Callable[[], T]) -> T:
        try:
            return run()
        except QueryError as error:
            raise told(error, in_full=self.access.can("write")) from error.__cause__

    @contextmanager
    def _audited(self, action: str, subject: str = "", *, sql: str = "", text: str = "") -> Iterator[dict[str, Any]]:
        seen: dict[str, Any] = {}
        try:
            yield seen
        except BaseException as error:
            refused = isinstance(error, AccessError) or (isinstance(error, QueryError) and error.__cause__ is None)
            seen = {"outcome": "refused" if refused else "failed", "reason": type(error).__name__}
            raise
        finally:
            if not self.access.is_system or action in {"query", "write"}:
                self._note(action, subject, self._shared.logged(sql) if sql else text, seen)

    def _note(self, action: str, subject: str, text: str, seen: dict[str, Any]) -> None:
        about = kept_subject(subject, self.audit.fingerprint)
        access, roles = self.access, " ".join(sorted(self.access.roles))
        standing: dict[str, Any] = {"roles": roles, "workspace": access.workspace, "purpose": access.purpose}
        self.audit.append(Event(access.actor, action, about, text, **standing, **seen))


def open_workspace(
    folder: Path,
    *,
    access: Access | None = None,
    as_: str = "",
    workspace: str = "main",
    catalog: Catalog | None = None,
) -> Workspace:
    """Open a project's workspace.

    Parameters
    ----------
    folder : Path
        The project folder (holds ``kehu.toml``).
    access : Access, optional
        Who acts; the owner (jobs, shell) when None.
    as_ : str
        A user of the control store or a role to narrow to instead; it authenticates nobody.
    workspace : str
        The tenant.
    catalog : Catalog, optional
        The project's tables, which tell what is personal data.

    Raises
    ------
    SettingsError
        When ``kehu.toml`` or ``policy.yml`` cannot be used.
    AccessError
        When ``as_`` is neither a user nor a role.
    """
    settings = project.load(folder, workspace=workspace)
    control = Control(settings.data / "control.sqlite")
    held = resolve(as_, control, workspace=workspace) if as_ else access or Access.owner(workspace=workspace)
    known = None
    if catalog is not None:
        known = {name: [column.name for column in table.columns] for name, table in catalog.tables.items()}
        known |= {name: [column for column, _ in columns] for name, columns in catalog.raw.items()}
    policy = PolicyFile(settings.folder / "policy.yml", known)
    policy.policy()
    lake = open_lake(settings)
    shared = Serving(lake, Audit(control), policy, settings)
    for name, columns in (known or {}).items():
        shared.words.update([name.lower(), *(column.lower() for column in columns)])
    return Workspace(settings, control, held, catalog, shared)
