"""How often apps were opened, as the proxy counts it."""

from pydantic import Field

from minispaces_contract.messages import Message


class VisitsReport(Message):
    """Up: pages of apps that were opened since the report before, by the app's host name."""

    visits: dict[str, int] = Field(max_length=100_000)
