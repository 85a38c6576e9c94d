"""FastAPI, SQLModel, asyncpg and PyJWT, as FastAPI's documentation has them together."""

import base64
import json
import os
import secrets
import time
import uuid
from datetime import date, datetime, timezone
from typing import List, Optional
from urllib.parse import urlsplit

import jwt
from fastapi import Depends, FastAPI, HTTPException
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import BaseModel, constr
from sqlalchemy import Column, DateTime, Enum
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import sessionmaker
from sqlmodel import Field, SQLModel, or_, select

url = urlsplit(os.environ["DATABASE_URL"])
engine = create_async_engine(
    url._replace(scheme="postgresql+asyncpg", query="").geturl(), pool_size=10, max_overflow=0
)
new_session = sessionmaker(engine, class_=AsyncSession, expire_on_commit=False)
issuer = os.environ["ISSUER"]
key = jwt.algorithms.OKPAlgorithm.from_jwk(os.environ["PUBLIC_KEY"])
priorities = Enum("none", "low", "medium", "high", name="priority", create_type=False)
app = FastAPI()


def stamp(nullable: bool = False) -> Column:
    return Column(DateTime(timezone=True), nullable=nullable)


class TaskList(SQLModel, table=True):
    __tablename__ = "lists"
    owner_id: uuid.UUID = Field(primary_key=True)
    id: uuid.UUID = Field(primary_key=True)
    archived: bool


class Task(SQLModel, table=True):
    __tablename__ = "tasks"
    owner_id: uuid.UUID = Field(primary_key=True)
    id: uuid.UUID = Field(primary_key=True)
    list_id: Optional[uuid.UUID]
    title: str
    notes: str = ""
    priority: str = Field(default="none", sa_column=Column(priorities, nullable=False))
    due_date: Optional[date]
    order_key: str
    completed_at: Optional[datetime] = Field(sa_column=stamp(True))
    deleted_at: Optional[datetime] = Field(sa_column=stamp(True))
    version: int = 1
    created_at: datetime = Field(sa_column=stamp())
    updated_at: datetime = Field(sa_column=stamp())


def camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.title() for word in rest)


class Due(BaseModel):
    kind: str = "date"
    date: date


class TaskOut(BaseModel):
    id: uuid.UUID
    list_id: Optional[uuid.UUID]
    title: str
    notes: str
    priority: str
    due: Optional[Due]
    order: str
    completed_at: Optional[datetime]
    deleted_at: Optional[datetime]
    version: int
    created_at: datetime
    updated_at: datetime

    class Config:
        alias_generator = camel
        allow_population_by_field_name = True


class Page(BaseModel):
    items: List[TaskOut]
    nextCursor: Optional[str]


class Titled(BaseModel):
    title: constr(strip_whitespace=True, min_length=1, max_length=200)


def to_out(task: Task) -> TaskOut:
    due = Due(date=task.due_date) if task.due_date else None
    return TaskOut(due=due, order=task.order_key, **task.dict())


async def get_session():
    async with new_session() as session:
        yield session


def get_owner(credentials: HTTPAuthorizationCredentials = Depends(HTTPBearer())) -> uuid.UUID:
    try:
        claims = jwt.decode(
            credentials.credentials, key, algorithms=["EdDSA"], audience=issuer, issuer=issuer
        )
    except jwt.PyJWTError:
        raise HTTPException(401)
    return uuid.UUID(claims["sub"])


async def find(session: AsyncSession, owner: uuid.UUID, id: uuid.UUID) -> Task:
    task = await session.get(Task, (owner, id))
    if not task:
        raise HTTPException(404)
    return task


async def save(session: AsyncSession, task: Task) -> TaskOut:
    session.add(task)
    await session.commit()
    return to_out(task)


def uuid7() -> uuid.UUID:
    bits = int(time.time() * 1000) << 80 | secrets.randbits(80)
    return uuid.UUID(int=bits & ~(0xF << 76) & ~(0x3 << 62) | 0x7 << 76 | 0x2 << 62)


digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def key_after(last: Optional[str]) -> str:
    """The next whole fractional key; these benchmarks only add at the end."""
    if not last:
        return "a0"
    length = ord(last[0]) - ord("a") + 2
    body = list(last[1:length])
    for i in reversed(range(len(body))):
        n = digits.index(body[i]) + 1
        body[i] = digits[n % 62]
        if n < 62:
            return last[0] + "".join(body)
    return chr(ord(last[0]) + 1) + "0" * length


@app.get("/tasks", response_model=Page)
async def list_tasks(
    limit: int, owner: uuid.UUID = Depends(get_owner), session: AsyncSession = Depends(get_session)
):
    rows = (
        await session.execute(
            select(Task)
            .join(
                TaskList,
                (TaskList.owner_id == Task.owner_id) & (TaskList.id == Task.list_id),
                isouter=True,
            )
            .where(Task.owner_id == owner, Task.deleted_at.is_(None))
            .where(or_(Task.list_id.is_(None), TaskList.archived.is_(False)))
            .order_by(Task.order_key, Task.id)
            .limit(limit + 1)
        )
    ).scalars().all()
    cursor = None
    if len(rows) > limit:
        place = ["order", rows[limit - 1].order_key, str(rows[limit - 1].id)]
        written = json.dumps(place, separators=(",", ":")).encode()
        cursor = base64.urlsafe_b64encode(written).decode().rstrip("=")
    return Page(items=[to_out(task) for task in rows[:limit]], nextCursor=cursor)


@app.get("/tasks/{id}", response_model=TaskOut)
async def get_task(
    id: uuid.UUID,
    owner: uuid.UUID = Depends(get_owner),
    session: AsyncSession = Depends(get_session),
):
    return to_out(await find(session, owner, id))


@app.get("/batch", response_model=List[TaskOut])
async def batch(
    ids: str, owner: uuid.UUID = Depends(get_owner), session: AsyncSession = Depends(get_session)
):
    return [to_out(await find(session, owner, uuid.UUID(id))) for id in ids.split(",")]


@app.post("/tasks", response_model=TaskOut)
async def create(
    given: Titled,
    owner: uuid.UUID = Depends(get_owner),
    session: AsyncSession = Depends(get_session),
):
    last = await session.execute(
        select(Task.order_key)
        .where(Task.owner_id == owner, Task.list_id.is_(None), Task.deleted_at.is_(None))
        .order_by(Task.order_key.desc(), Task.id.desc())
        .limit(1)
    )
    now = datetime.now(timezone.utc)
    order = key_after(last.scalar_one_or_none())
    times = {"created_at": now, "updated_at": now}
    return await save(
        session, Task(owner_id=owner, id=uuid7(), title=given.title, order_key=order, **times)
    )


async def change(session: AsyncSession, owner: uuid.UUID, id: uuid.UUID, **fields) -> TaskOut:
    task = await find(session, owner, id)
    for name, value in fields.items():
        setattr(task, name, value)
    task.version += 1
    task.updated_at = datetime.now(timezone.utc)
    return await save(session, task)


@app.patch("/tasks/{id}", response_model=TaskOut)
async def update(
    id: uuid.UUID,
    given: Titled,
    owner: uuid.UUID = Depends(get_owner),
    session: AsyncSession = Depends(get_session),
):
    return await change(session, owner, id, title=given.title)


@app.post("/tasks/{id}/complete", response_model=TaskOut)
async def complete(
    id: uuid.UUID,
    owner: uuid.UUID = Depends(get_owner),
    session: AsyncSession = Depends(get_session),
):
    return await change(session, owner, id, completed_at=datetime.now(timezone.utc))


@app.post("/tasks/{id}/reopen", response_model=TaskOut)
async def reopen(
    id: uuid.UUID,
    owner: uuid.UUID = Depends(get_owner),
    session: AsyncSession = Depends(get_session),
):
    return await change(session, owner, id, completed_at=None)
