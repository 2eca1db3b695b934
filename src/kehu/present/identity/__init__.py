"""Who is who, and why: one customer's evidence, a merge before it is made, what waits for a person, how good it is."""

from kehu.present.identity.evidence import explanation
from kehu.present.identity.parting import unmerge_preview
from kehu.present.identity.preview import merge_preview
from kehu.present.identity.provenance import provenance
from kehu.present.identity.quality import identity_quality
from kehu.present.identity.review import review_queue

__all__ = ["explanation", "identity_quality", "merge_preview", "provenance", "review_queue", "unmerge_preview"]
