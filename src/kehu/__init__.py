"""Kehu (客户): several messy sources in, one trustworthy customer view with predictions out."""

from __future__ import annotations

__version__ = "0.1.0"
