"""The Argilla server with our search engine: `python -m builders.reviewing.server.app HOST PORT`.

Runs in the server's own environment. Brings the database up to date, adds accounts that standard input names as one line of
JSON, and serves until it is stopped. An index that was left open by a server that was killed is built again from the database.
"""

import asyncio
import json
import signal
import sys
from pathlib import Path
from typing import Any

import uvicorn
from argilla_server._app import app
from argilla_server.cli.database.migrate import migrate_db
from argilla_server.cli.search_engine import reindex
from argilla_server.contexts import accounts
from argilla_server.database import AsyncSessionLocal
from argilla_server.models import User, Workspace, WorkspaceUser
from argilla_server.search_engine import SearchEngine
from argilla_server.settings import settings
from sqlalchemy import select

from builders.reviewing.server import engine


def main() -> None:
    """Serve."""
    host, port = sys.argv[1:]
    migrate_db("head")
    left_open = Path(settings.home_path) / "index.open"
    asyncio.run(_prepared(json.loads(sys.stdin.readline() or "{}"), indexed=not left_open.exists()))
    left_open.touch()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # which uvicorn raises again once it has shut down
    try:
        uvicorn.run(app, host=host, port=int(port), log_level="warning", access_log=False)
    finally:
        left_open.unlink()


async def _prepared(wanted: dict[str, Any], *, indexed: bool) -> None:
    """Add accounts and workspaces that are missing, and build the index again if it may lack something.

    Args:
        wanted: `accounts`: username, password, api_key and role of each; `workspaces`, of which they all are members.
        indexed: whether the index is as the database is.
    """
    async with AsyncSessionLocal() as database:
        workspaces = [await _workspace(database, name) for name in wanted.get("workspaces", ())]
        for account in wanted.get("accounts", ()):
            if not await accounts.get_user_by_username(database, account["username"]):
                await _add(database, account, workspaces)
        if not indexed:
            async with SearchEngine.get_by_name(engine.NAME) as search_engine:
                async for dataset in reindex.Reindexer.reindex_datasets(database, search_engine):
                    async for _ in reindex.Reindexer.reindex_dataset_records(database, search_engine, dataset):
                        pass


async def _add(database: Any, account: dict[str, Any], workspaces: list[Any]) -> None:
    about = {name: account[name] for name in ("username", "role", "api_key")}
    secret = accounts.hash_password(account["password"])
    user = await User.create(database, first_name=account["username"], password_hash=secret, **about)
    for workspace in workspaces:
        await WorkspaceUser.create(database, workspace_id=workspace.id, user_id=user.id)


async def _workspace(database: Any, name: str) -> Any:
    found = (await database.execute(select(Workspace).filter_by(name=name))).scalar_one_or_none()
    return found or await Workspace.create(database, name=name)


if __name__ == "__main__":
    main()
