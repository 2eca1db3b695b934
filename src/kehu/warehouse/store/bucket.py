"""An object store that speaks S3: whose keys are used, and which files no snapshot needs."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from kehu.base.errors import LakeError

if TYPE_CHECKING:
    from collections.abc import Mapping

    import duckdb

ENDPOINTS = ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL")
REGIONS = ("AWS_REGION", "AWS_DEFAULT_REGION")
KEYS = (("KEY_ID", "AWS_ACCESS_KEY_ID"), ("SECRET", "AWS_SECRET_ACCESS_KEY"), ("SESSION_TOKEN", "AWS_SESSION_TOKEN"))


def secret(root: str, environment: Mapping[str, str]) -> str:
    """Return the statement that lets one connection use the files under ``root`` with the keys of the environment.

    Parameters
    ----------
    root : str
        ``s3://bucket/prefix/``; the keys serve nothing else.
    environment : mapping
        ``AWS_ACCESS_KEY_ID``, ``AWS_SECRET_ACCESS_KEY``, and where they are there ``AWS_SESSION_TOKEN``,
        ``AWS_REGION`` and ``AWS_ENDPOINT_URL`` (a server other than Amazon's).

    Raises
    ------
    LakeError
        When the environment names no keys.

    Examples
    --------
    >>> secret("s3://shop/main/", {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b"})
    "CREATE SECRET kehu_files (TYPE s3, SCOPE 's3://shop/main/', REGION 'us-east-1', KEY_ID 'a', SECRET 'b')"
    """
    parts = {"SCOPE": root, "REGION": _first(environment, REGIONS) or "us-east-1"}
    parts |= {word: environment[key] for word, key in KEYS if environment.get(key)}
    if "KEY_ID" not in parts or "SECRET" not in parts:
        fix = "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the environment"
        raise LakeError("there are no keys for the object store", where=root, fix=fix)
    words = "".join(f", {word} {_quoted(value)}" for word, value in parts.items())
    return f"CREATE SECRET kehu_files (TYPE s3{words}{_endpoint(_first(environment, ENDPOINTS))})"


def drop_orphans(connection: duckdb.DuckDBPyConnection) -> None:
    """Delete the objects of the attached lake that no snapshot needs; needs the lock, since a writer's are such."""
    connection.execute("CALL ducklake_delete_orphaned_files('lake', cleanup_all => true)")


def refuse_strangers(connection: duckdb.DuckDBPyConnection, root: str) -> None:
    """Refuse a new lake where Parquet files are already: they would be another lake's, and be deleted as orphans.

    Raises
    ------
    LakeError
        When the attached catalog has no snapshot of its own yet, but there are files.
    """
    made = connection.execute("SELECT 1 FROM lake.snapshots() WHERE snapshot_id > 0 LIMIT 1").fetchone()
    if made is None and connection.execute(f"SELECT 1 FROM glob({_quoted(f'{root}**')}) LIMIT 1").fetchone():
        fix = "Choose a prefix of its own in 'files' of kehu.toml, or empty this one"
        raise LakeError("files of another lake are there", where=root, fix=fix)


def size(connection: duckdb.DuckDBPyConnection) -> int:
    """Return the bytes of all files that the attached lake's catalog knows."""
    sql = """
    SELECT CAST(coalesce(sum(file_size_bytes), 0) AS BIGINT) FROM (
      SELECT file_size_bytes FROM __ducklake_metadata_lake.main.ducklake_data_file
      UNION ALL SELECT file_size_bytes FROM __ducklake_metadata_lake.main.ducklake_delete_file)
    """
    row = connection.execute(sql).fetchone()
    return int(row[0]) if row else 0


def _endpoint(url: str) -> str:
    if not url:
        return ""
    found = urlsplit(url)
    secure = "true" if found.scheme == "https" else "false"
    return f", ENDPOINT {_quoted(found.netloc + found.path.rstrip('/'))}, URL_STYLE 'path', USE_SSL {secure}"


def _first(environment: Mapping[str, str], names: tuple[str, ...]) -> str:
    return next((environment[name] for name in names if environment.get(name)), "")


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
