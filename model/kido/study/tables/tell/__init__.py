"""What a sweep shows, in sentences a planner would write."""

from kido.study.tables.tell.findings import findings

__all__ = ["findings"]
