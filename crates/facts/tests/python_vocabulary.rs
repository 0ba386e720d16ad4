//! Small real-looking Python resolves to what its calls do.

mod common;

use common::File;
use shipworthy_syntax::Language;

#[track_caller]
fn resolves(source: &str, expected: &[&str]) {
    let file = File::new(Language::Python, tree_sitter_python::LANGUAGE.into(), source);
    assert_eq!(file.meanings(), expected, "{source}");
}

#[test]
fn a_session_in_a_variable() {
    resolves(
        "
import requests
def load(url):
    s = requests.Session()
    return s.get(url).json()
",
        &[
            "requests.Session = requests.Session",
            "s.get(url).json = requests.Response.json",
            "s.get = requests.Session.get",
        ],
    );
}

#[test]
fn a_client_in_a_field() {
    resolves(
        "
import httpx
class Gateway:
    def __init__(self, client: httpx.AsyncClient | None = None):
        self.client = client or httpx.AsyncClient()
    async def quote(self, url):
        response = await self.client.get(url)
        response.raise_for_status()
",
        &[
            "httpx.AsyncClient = httpx.AsyncClient",
            "self.client.get = httpx.AsyncClient.get",
            "response.raise_for_status = httpx.Response.raise_for_status",
        ],
    );
}

#[test]
fn a_client_from_a_name_of_the_defining_module() {
    resolves(
        "
from redis.asyncio.client import Redis
async def store(r: Redis):
    await r.set('a', 1)
",
        &["r.set = redis.asyncio.Redis.set"],
    );
}

#[test]
fn a_cursor_of_a_connection_in_with() {
    resolves(
        "
import psycopg2
def find(q):
    with psycopg2.connect(DSN) as c:
        cur = c.cursor()
        cur.execute(q)
        return cur.fetchall()
",
        &[
            "psycopg2.connect = psycopg2.connect",
            "c.cursor = psycopg2.extensions.connection.cursor",
            "cur.execute = dbapi.Cursor.execute",
            "cur.fetchall = dbapi.Cursor.fetchall",
        ],
    );
}

#[test]
fn a_field_made_from_another_field() {
    resolves(
        "
import sqlite3
class Store:
    def __init__(self, path):
        self.conn = sqlite3.connect(path)
        self.cursor = self.conn.cursor()
    def all(self):
        return self.cursor.execute('SELECT 1').fetchall()
",
        &[
            "sqlite3.connect = sqlite3.connect",
            "self.conn.cursor = sqlite3.Connection.cursor",
            "self.cursor.execute('SELECT 1').fetchall = dbapi.Cursor.fetchall",
            "self.cursor.execute = sqlite3.Cursor.execute",
        ],
    );
}

#[test]
fn a_helper_without_annotation() {
    resolves(
        "
import sqlite3
from contextlib import contextmanager
def connection():
    conn = sqlite3.connect('x')
    conn.row_factory = sqlite3.Row
    return conn
@contextmanager
def opened():
    with connection() as c:
        yield c
def rows():
    with opened() as c:
        c.execute('SELECT 1')
",
        &["sqlite3.connect = sqlite3.connect", "c.execute = sqlite3.Connection.execute"],
    );
}

#[test]
fn a_method_inherited_through_a_class_of_the_file() {
    resolves(
        "
import requests
class Mixin: pass
class Api(Mixin, requests.Session):
    def delete(self, url): return None
def main(api: Api):
    api.get('u')
    api.delete('u')
",
        &["api.get = requests.Session.get"],
    );
}

#[test]
fn receivers_that_come_from_elsewhere_are_guessed_by_name() {
    resolves(
        "
from app.db import conn, cursor as cur
def f(session, items: dict, log):
    cur.execute('SELECT 1')
    conn.cursor().fetchone()
    session.commit()
    log.info('x')
    items.execute('x')
",
        &[
            "cur.execute = ~execute",
            "conn.cursor().fetchone = dbapi.Cursor.fetchone",
            "conn.cursor = ~cursor",
            "session.commit = ~commit",
            "log.info = ~info",
        ],
    );
}

#[test]
fn a_receiver_of_a_known_type_is_not_guessed() {
    resolves(
        "
class Conn:
    def run(self): pass
def f(conn: Conn, cursor: str):
    conn.execute('x')
    cursor.execute('x')
",
        &[],
    );
}

#[test]
fn a_session_of_a_sessionmaker_in_the_module() {
    resolves(
        "
from sqlalchemy import create_engine, text
from sqlalchemy.orm import sessionmaker
engine = create_engine(URL)
SessionLocal = sessionmaker(bind=engine)
def get_db():
    db = SessionLocal()
    try:
        yield db
    finally:
        db.close()
def users():
    with SessionLocal() as session:
        return session.query(User).filter(User.active).limit(5).all()
def orders(q):
    with engine.begin() as conn:
        return conn.execute(text(q)).scalars().all()
def first():
    return next(get_db()).get(User, 1)
",
        &[
            "create_engine = sqlalchemy.create_engine",
            "SessionLocal = sqlalchemy.orm.sessionmaker.__call__",
            "SessionLocal = sqlalchemy.orm.sessionmaker.__call__",
            "session.query(User).filter(User.active).limit(5).all = sqlalchemy.orm.Query.all",
            "session.query(User).filter(User.active).limit = sqlalchemy.orm.Query.limit",
            "session.query(User).filter = sqlalchemy.orm.Query.filter",
            "session.query = sqlalchemy.orm.Session.query",
            "engine.begin = sqlalchemy.Engine.begin",
            "conn.execute(text(q)).scalars().all = sqlalchemy.ScalarResult.all",
            "conn.execute(text(q)).scalars = sqlalchemy.Result.scalars",
            "conn.execute = sqlalchemy.Connection.execute",
            "text = sqlalchemy.text",
            "next(get_db()).get = sqlalchemy.orm.Session.get",
            "next = next",
        ],
    );
}

#[test]
fn a_dependency_behind_another_name_of_its_type() {
    resolves(
        "
from typing import Annotated
from fastapi import APIRouter, Depends, HTTPException
from sqlalchemy.ext.asyncio import AsyncSession
SessionDep = Annotated[AsyncSession, Depends(get_session)]
router = APIRouter()
@router.get('/orders')
async def orders(session: SessionDep):
    rows = (await session.execute(query)).scalars().all()
    raise HTTPException(status_code=500)
",
        &[
            "Depends = fastapi.Depends",
            "APIRouter = fastapi.APIRouter",
            "router.get = fastapi.APIRouter.get",
            "(await session.execute(query)).scalars().all = sqlalchemy.ext.asyncio.BufferedResult.all",
            "(await session.execute(query)).scalars = sqlalchemy.ext.asyncio.BufferedResult.scalars",
            "session.execute = sqlalchemy.ext.asyncio.AsyncSession.execute",
            "HTTPException = fastapi.HTTPException",
        ],
    );
}

#[test]
fn resources_of_a_client() {
    resolves(
        "
from openai import OpenAI, AsyncOpenAI
client = OpenAI(timeout=20)
def ask(prompt):
    return client.chat.completions.create(model='m', messages=prompt)
async def embed(texts):
    return await AsyncOpenAI().embeddings.create(input=texts)
",
        &[
            "OpenAI = openai.OpenAI",
            "client.chat.completions.create = openai.resources.chat.Completions.create",
            "AsyncOpenAI().embeddings.create = openai.resources.AsyncEmbeddings.create",
            "AsyncOpenAI = openai.AsyncOpenAI",
        ],
    );
}

#[test]
fn a_model_that_is_called() {
    resolves(
        "
from transformers import pipeline
from sentence_transformers import SentenceTransformer
classify = pipeline('sentiment-analysis')
class Embedder:
    def __init__(self):
        self.model = SentenceTransformer('m')
    def run(self, text):
        return classify(text), self.model.encode(text)
",
        &[
            "pipeline = transformers.pipeline",
            "SentenceTransformer = sentence_transformers.SentenceTransformer",
            "classify = transformers.Pipeline.__call__",
            "self.model.encode = sentence_transformers.SentenceTransformer.encode",
        ],
    );
}

#[test]
fn the_request_of_a_framework() {
    resolves(
        "
from flask import Flask, request, jsonify
app = Flask(__name__)
@app.route('/x', methods=['POST'])
def x():
    data = request.get_json()
    return jsonify(request.args.get('q'))
",
        &[
            "app.route = flask.Flask.route",
            "request.get_json = flask.Request.get_json",
            "jsonify = flask.jsonify",
            "request.args.get = flask.Request.args.get",
        ],
    );
}
