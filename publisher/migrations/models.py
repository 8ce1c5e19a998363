"""The one place that knows every table."""

from sqlmodel import SQLModel

import publisher.accounts.models
import publisher.audience.models
import publisher.delivery.models
import publisher.editions.models
import publisher.feeds.models
import publisher.feeds.partners.models
import publisher.feeds.websub.models
import publisher.newsroom.models
import publisher.sources.models
import publisher.store.engine  # noqa: F401 - sets how constraints are named

metadata = SQLModel.metadata
