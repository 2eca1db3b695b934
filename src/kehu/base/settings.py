"""A project's settings: ``kehu.toml`` and nothing else."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from kehu.base.errors import SettingsError, did_you_mean
from kehu.base.memory import share
from kehu.base.survivorship import USUAL, Survivorship, survivorship

if TYPE_CHECKING:
    from pathlib import Path


_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s?([KMGT])(i?)B")
SIZES = ("memory_limit", "query_memory", "answer_memory")
WAITS = ("query_seconds", "read_seconds", "slow_query_seconds")


@dataclass(frozen=True)
class Settings:
    """What ``kehu.toml`` says; every value has a default that works.

    Attributes
    ----------
    folder : Path
        The project folder (holds ``kehu.toml``, ``policy.yml``, ``sources/``, ``tables/``, ``data/``).
    name : str
        The company's name, shown on pages.
    workspace : str
        The tenant: its warehouse lives in ``data/<workspace>/``.
    time_zone : str
        IANA name; day buckets follow it, times are stored in UTC.
    currency : str
        ISO 4217 code of amounts whose source names none.
    region : str
        ISO 3166 code used to read phone numbers without a country code.
    notice : str
        A sentence that every page and report shows (the demo says which values are invented).
    memory_limit : str
        What DuckDB may use, for example ``"1GB"``; by default a quarter of what there is, see `kehu.base.memory.share`.
    threads : int
        Cores used by a build; 0 means all.
    match_at : float
        Probability from which two records are joined.
    review_at : float
        Probability from which a pair is kept as a near miss for review.
    survivorship : Survivorship
        Which record's value a golden record takes, field by field.
    keep_days : float
        How many days published snapshots can be asked again; older ones expire when the lake is tidied.
    query_seconds : float
        A query that a person typed is stopped after this time.
    read_seconds : float
        A page's own query is stopped after this time; jobs take as long as they need.
    query_memory : str
        What a typed query may take from the system beyond ``memory_limit``.
    answer_memory : str
        What remembered answers may hold; ``"0MB"`` remembers none.
    slow_query_seconds : float
        A query that takes longer is logged with its plan.
    jobs : str
        Where the queue of jobs is kept: empty for ``data/jobs.sqlite``, or ``postgres:`` and a connection string.
    """

    folder: Path
    name: str = "Kehu"
    workspace: str = "main"
    time_zone: str = "UTC"
    currency: str = "USD"
    region: str = "US"
    notice: str = ""
    memory_limit: str = share()
    threads: int = 0
    match_at: float = 0.3
    review_at: float = 0.1
    survivorship: Survivorship = USUAL
    jobs: str = ""
    catalog: str = ""
    files: str = ""
    spark_master: str = "local[*]"
    spark_options: str = ""
    keep_days: float = 7.0
    query_seconds: float = 60.0
    read_seconds: float = 60.0
    query_memory: str = "1GB"
    answer_memory: str = "64MB"
    slow_query_seconds: float = 1.0

    @property
    def data(self) -> Path:
        """The folder of everything Kehu writes for all workspaces."""
        return self.folder / "data"

    @property
    def lake(self) -> Path:
        """The folder of this workspace's warehouse."""
        return self.data / self.workspace


def load(folder: Path, *, workspace: str = "main") -> Settings:
    """Read ``kehu.toml`` of a project folder.

    Raises
    ------
    SettingsError
        When the file is missing, is no TOML, names an unknown setting, or holds a wrong value.
    """
    path = folder / "kehu.toml"
    if not path.is_file():
        fix = f"Make a project with 'kehu init {folder}' or 'kehu demo --dir {folder}'"
        raise SettingsError("no Kehu project here (kehu.toml is missing)", where=str(folder), fix=fix)
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"not valid TOML: {error}", where=str(path), fix="Correct that line") from error
    if "survivorship" in values:
        values["survivorship"] = survivorship(values["survivorship"], str(path))
    return _checked(path, {**values, "folder": folder.absolute(), "workspace": workspace})


def _checked(path: Path, values: dict[str, object]) -> Settings:
    known = {field.name: field for field in fields(Settings)}
    for name, value in values.items():
        if name not in known:
            raise SettingsError(f"unknown setting {name!r}", where=str(path), fix=did_you_mean(name, known))
        default = known[name].default
        wanted = (int, float) if isinstance(default, float) else type(default)
        if name != "folder" and not isinstance(value, wanted):
            raise SettingsError(f"{name} must be like {default!r}, not {value!r}", where=str(path), fix="Correct it")
    settings = Settings(**values)  # type: ignore[arg-type]  # names and types were checked one by one above
    for name, is_well, fix in (*_rules(settings), *_elsewhere(settings)):
        if not is_well:
            said = "what it is" if name == "catalog" else repr(getattr(settings, name))  # it may hold a password
            raise SettingsError(f"{name} cannot be {said}", where=str(path), fix=fix)
    return settings


def _rules(settings: Settings) -> tuple[tuple[str, bool, str], ...]:
    return (
        ("time_zone", _is_zone(settings.time_zone), "Use an IANA name such as Asia/Shanghai"),
        ("currency", bool(re.fullmatch("[A-Z]{3}", settings.currency)), "Use an ISO 4217 code such as CNY"),
        ("region", bool(re.fullmatch("[A-Z]{2}", settings.region)), "Use an ISO 3166 code such as CN"),
        *((name, bool(_SIZE.fullmatch(getattr(settings, name))), "Write it like 1GB") for name in SIZES),
        *((name, getattr(settings, name) > 0, "Use a number of seconds such as 60.0") for name in WAITS),
        ("threads", 0 <= settings.threads <= 1024, "Use 0 for all cores, or their number"),
        ("match_at", 0 < settings.match_at <= 1, "Use a probability, such as 0.9"),
        ("keep_days", 0 <= settings.keep_days <= 36500, "Use a number of days such as 7.0"),
        ("review_at", 0 <= settings.review_at <= settings.match_at, "Use a probability that is not above match_at"),
    )


def _elsewhere(settings: Settings) -> tuple[tuple[str, bool, str], ...]:
    """Rules of what lies outside the folder; a password belongs into the environment, not into this file."""
    bucket = r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/[A-Za-z0-9_=-][A-Za-z0-9._=-]*)*/?"
    told = r"(?i)passw|sslkey|://[^/@]*:[^/@]*@"
    catalog, options = settings.catalog, settings.spark_options.split()
    return (
        ("catalog", catalog.startswith("postgres:") or not catalog, "Write postgres:host=... dbname=..."),
        ("catalog", not re.search(told, catalog), "Give the password in PGPASSWORD or PGPASSFILE, not here"),
        ("files", bool(re.fullmatch(bucket, settings.files)) or not settings.files, "Write s3://bucket/prefix"),
        ("spark_master", settings.spark_master.startswith(("local", "spark://", "yarn", "k8s://")), "Use local[*]"),
        ("spark_options", all(re.fullmatch(r"spark\.[\w.]+=\S+", part) for part in options), "Write spark.name=value"),
    )


def size(text: str) -> int:
    """Return the bytes that a size such as ``"1.5GB"`` or ``"512 MiB"`` means.

    Examples
    --------
    >>> size("1.5kB".upper()), size("2MiB")
    (1500, 2097152)
    """
    found = _SIZE.fullmatch(text)
    if found is None:
        raise SettingsError(f"{text!r} is no size", fix="Write it like 1GB")
    number, unit, binary = found.groups()
    return int(float(number) * (1024 if binary else 1000) ** (" KMGT".index(unit)))


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True
