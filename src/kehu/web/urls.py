"""Every address of the web app."""

from __future__ import annotations

from django.urls import path

from kehu.web.accounts import views as accounts
from kehu.web.customers import views as customers
from kehu.web.dashboards import views as dashboards
from kehu.web.identity import joining, quality, review
from kehu.web.monitor import views as monitor
from kehu.web.scorers import views as scorers
from kehu.web.sources import views as sources

urlpatterns = [
    path("", dashboards.overview_page, name="overview"),
    path("overview/<str:name>.csv", dashboards.export, name="overview_export"),
    path("customers/", customers.directory_page, name="customers"),
    path("customers/export.<str:kind>", customers.export, name="customers_export"),
    path("customers/identity/", quality.quality_page, name="identity"),
    path("customers/review/", review.review_page, name="review"),
    path("customers/review/decide/", review.decide, name="review_decide"),
    path("customers/review/undo/", review.undo_last, name="review_undo"),
    path("customers/decisions/<str:decision_id>/undo/", joining.undo_decision, name="decision_undo"),
    path("customers/<str:customer_id>/merge/", joining.search_page, name="merge_search"),
    path("customers/<str:customer_id>/merge/<str:other>/", joining.merge_page, name="merge"),
    path("customers/<str:customer_id>/joinings/<str:merge_id>/", joining.unmerge_page, name="unmerge"),
    path("customers/<str:customer_id>/", customers.profile_page, name="customer"),
    path("customers/<str:customer_id>/timeline/", customers.timeline_part, name="customer_timeline"),
    path("customers/<str:customer_id>/evidence/", customers.evidence_part, name="customer_evidence"),
    path("customers/<str:customer_id>/orders/<path:order_id>", customers.order_part, name="customer_order"),
    path("scorers/", scorers.cards_page, name="scorers"),
    path("quarantine/", sources.quarantine_page, name="quarantine"),
    path("operations/", monitor.monitor_page, name="monitor"),
    path("operations/jobs/", monitor.order_job, name="job_order"),
    path("operations/jobs/<int:number>/retry/", monitor.retry_job, name="job_retry"),
    path("operations/jobs/<int:number>/cancel/", monitor.cancel_job, name="job_cancel"),
    path("sign-in/", accounts.sign_in, name="sign_in"),
    path("sign-out/", accounts.sign_out, name="sign_out"),
    path("language/", accounts.language, name="language"),
    path("theme/", accounts.theme, name="theme"),
]
handler400 = "kehu.web.failure.bad_request"
handler403 = "kehu.web.failure.forbidden"
handler404 = "kehu.web.failure.not_found"
handler500 = "kehu.web.failure.broken"
