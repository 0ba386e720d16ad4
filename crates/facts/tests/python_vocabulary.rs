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
fn a_session_that_is_final() {
    resolves(
        "
import requests
from typing import Final
def load(url):
    session: Final = requests.Session()
    other: Final[requests.Session] = make()
    return session.get(url), other.get(url)
",
        &[
            "requests.Session = requests.Session",
            "session.get = requests.Session.get",
            "other.get = requests.Session.get",
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
        &[
            "sqlite3.connect = sqlite3.connect",
            "contextmanager = contextlib.contextmanager",
            "c.execute = sqlite3.Connection.execute",
        ],
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
from elsewhere import Base, made
class Conn:
    def run(self): pass
class Derived(Base): pass
class Computed(made()): pass
def f(conn: Conn, cursor: str, db: Derived, database: Computed):
    conn.execute('x')
    cursor.execute('x')
    db.execute('x')
    database.execute('x')
",
        &["db.execute = ~execute", "database.execute = ~execute"],
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
            "(await session.execute(query)).scalars().all = sqlalchemy.ScalarResult.all",
            "(await session.execute(query)).scalars = sqlalchemy.Result.scalars",
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
            "Flask = flask.Flask",
            "app.route = flask.Flask.route",
            "request.get_json = flask.Request.get_json",
            "jsonify = flask.jsonify",
            "request.args.get = flask.Request.args.get",
        ],
    );
}

#[test]
fn the_manager_of_a_model() {
    resolves(
        "
from django.db import connection, models, transaction
from shop.models import Customer
class Base(models.Model):
    class Meta: abstract = True
class Order(Base):
    total = models.IntegerField()
@transaction.atomic
def settle(ids):
    for order in Order.objects.filter(id__in=ids).select_related('customer'):
        Customer.objects.get(id=order.customer_id)
    with connection.cursor() as cursor:
        cursor.execute('SELECT 1')
",
        &[
            "models.IntegerField = django.db.models.IntegerField",
            "transaction.atomic = django.db.transaction.atomic",
            "Order.objects.filter(id__in=ids).select_related = django.db.models.QuerySet.select_related",
            "Order.objects.filter = django.db.models.QuerySet.filter",
            "Customer.objects.get = ~get",
            "connection.cursor = django.db.backends.base.base.BaseDatabaseWrapper.cursor",
            "cursor.execute = dbapi.Cursor.execute",
        ],
    );
}

#[test]
fn a_function_that_a_decorator_makes_a_task() {
    resolves(
        "
from celery import Celery
app = Celery('x')
@app.task(bind=True)
def send(self, to): pass
def go(to):
    send.delay(to).get()
",
        &[
            "app.task = celery.Celery.task",
            "send.delay(to).get = celery.result.AsyncResult.get",
            "send.delay = celery.Task.delay",
        ],
    );
}

#[test]
fn paths_files_and_locks() {
    resolves(
        "
import threading, queue
from pathlib import Path
from contextlib import closing
import sqlite3
BASE = Path(__file__).parent
lock = threading.Lock()
class Cache:
    _lock = threading.RLock()
    def load(self, jobs: queue.Queue[str]):
        self._lock.acquire()
        with self._lock, (BASE / 'x').open() as f:
            f.read()
        lock.acquire()
        jobs.get()
        with closing(sqlite3.connect('x')) as db:
            db.execute('SELECT 1')
",
        &[
            "self._lock.acquire = threading.RLock.acquire",
            "(BASE / 'x').open = pathlib.Path.open",
            "f.read = io.TextIOWrapper.read",
            "lock.acquire = threading.Lock.acquire",
            "jobs.get = queue.Queue.get",
            "closing = contextlib.closing",
            "sqlite3.connect = sqlite3.connect",
            "db.execute = sqlite3.Connection.execute",
        ],
    );
}

#[test]
fn a_singleton_set_through_global() {
    resolves(
        "
import redis
_client: redis.Redis | None = None
_model = None
def client():
    global _client
    if _client is None:
        _client = redis.from_url(URL)
    return _client
def model():
    global _model
    if _model is None:
        from sentence_transformers import SentenceTransformer
        _model = SentenceTransformer('m')
    return _model
def use():
    client().get('a')
    model().encode('x')
",
        &[
            "redis.from_url = redis.from_url",
            "SentenceTransformer = sentence_transformers.SentenceTransformer",
            "client().get = redis.Redis.get",
            "model().encode = sentence_transformers.SentenceTransformer.encode",
        ],
    );
}

#[test]
fn http_through_the_standard_library() {
    resolves(
        "
import urllib.request, socket, ssl
from http.client import HTTPSConnection
def f(url):
    with urllib.request.urlopen(url) as r:
        r.read()
    c = HTTPSConnection('h', timeout=3)
    c.request('GET', '/')
    c.getresponse().read()
    s = socket.create_connection(('h', 1))
    s.sendall(b'x')
    ssl.create_default_context().wrap_socket(s).recv(1)
",
        &[
            "urllib.request.urlopen = urllib.request.urlopen",
            "r.read = http.client.HTTPResponse.read",
            "HTTPSConnection = http.client.HTTPSConnection",
            "c.request = http.client.HTTPSConnection.request",
            "c.getresponse().read = http.client.HTTPResponse.read",
            "c.getresponse = http.client.HTTPSConnection.getresponse",
            "socket.create_connection = socket.create_connection",
            "s.sendall = socket.socket.sendall",
            "ssl.create_default_context().wrap_socket(s).recv = socket.socket.recv",
            "ssl.create_default_context().wrap_socket = ssl.SSLContext.wrap_socket",
            "ssl.create_default_context = ssl.create_default_context",
        ],
    );
}

#[test]
fn clients_of_clouds() {
    resolves(
        "
import boto3
from google.cloud import bigquery, storage
from pymongo import MongoClient
s3 = boto3.client('s3')
db = MongoClient(URL)['shop']
def f(sql):
    s3.put_object(Bucket='b', Key='k', Body=b'')
    storage.Client().bucket('b').blob('k').download_as_bytes()
    bigquery.Client().query(sql).result()
    MongoClient()['db']['users'].find_one({})
    db.orders.insert_one({})
",
        &[
            "boto3.client = boto3.client",
            "MongoClient = pymongo.MongoClient",
            "s3.put_object = boto3.Client.put_object",
            "storage.Client().bucket('b').blob('k').download_as_bytes = google.cloud.storage.Blob.download_as_bytes",
            "storage.Client().bucket('b').blob = google.cloud.storage.Bucket.blob",
            "storage.Client().bucket = google.cloud.storage.Client.bucket",
            "storage.Client = google.cloud.storage.Client",
            "bigquery.Client().query(sql).result = google.cloud.bigquery.QueryJob.result",
            "bigquery.Client().query = google.cloud.bigquery.Client.query",
            "bigquery.Client = google.cloud.bigquery.Client",
            "MongoClient()['db']['users'].find_one = pymongo.collection.Collection.find_one",
            "MongoClient = pymongo.MongoClient",
            "db.orders.insert_one = pymongo.collection.Collection.insert_one",
        ],
    );
}

#[test]
fn what_a_loop_goes_over() {
    resolves(
        "
from google.cloud import storage
import httpx
def load(clients: list[httpx.Client], by_name: dict[str, httpx.Client]):
    for blob in storage.Client().list_blobs('b'):
        blob.download_as_bytes()
    [c.get('u') for c in clients]
    by_name['x'].get('u')
",
        &[
            "storage.Client().list_blobs = google.cloud.storage.Client.list_blobs",
            "storage.Client = google.cloud.storage.Client",
            "blob.download_as_bytes = google.cloud.storage.Blob.download_as_bytes",
            "c.get = httpx.Client.get",
            "by_name['x'].get = httpx.Client.get",
        ],
    );
}

#[test]
fn a_class_that_only_its_method_tells() {
    resolves(
        "
from transformers import XLMRobertaModel
model = XLMRobertaModel.from_pretrained('m')
",
        &["XLMRobertaModel.from_pretrained = ~from_pretrained"],
    );
}

#[test]
fn a_property_and_a_method_of_ones_own() {
    resolves(
        "
import requests, asyncio
from fastapi import Depends
from sqlalchemy.orm import Session
class Timed(requests.Session):
    def request(self, *args, **kw):
        return super().request(*args, timeout=5, **kw)
class Api:
    @property
    def session(self):
        return requests.Session()
    def timed(self): return Timed()
    async def load(self, url):
        self.session.get(url)
        self.timed().get(url)
        (await asyncio.to_thread(requests.get, url)).json()
def get_db() -> Session: ...
def route(db=Depends(get_db)):
    db.commit()
",
        &[
            "super().request = requests.Session.request",
            "property = property",
            "requests.Session = requests.Session",
            "self.session.get = requests.Session.get",
            "(await asyncio.to_thread(requests.get, url)).json = requests.Response.json",
            "asyncio.to_thread = asyncio.to_thread",
            "Depends = fastapi.Depends",
            "db.commit = sqlalchemy.orm.Session.commit",
        ],
    );
}

#[test]
fn decorators_with_and_without_arguments() {
    resolves(
        "
from functools import lru_cache
import functools, tenacity, backoff
from contextlib import contextmanager
@functools.cache
def a(): pass
@lru_cache
def b(): pass
@lru_cache(maxsize=None)
def c(): pass
@tenacity.retry(stop=tenacity.stop_after_attempt(3), wait=tenacity.wait_exponential())
def d(): pass
@backoff.on_exception(backoff.expo, ValueError, max_tries=3)
@contextmanager
def e(): yield 1
",
        &[
            "functools.cache = functools.cache",
            "lru_cache = functools.lru_cache",
            "lru_cache = functools.lru_cache",
            "tenacity.retry = tenacity.retry",
            "tenacity.wait_exponential = tenacity.wait_exponential",
            "backoff.on_exception = backoff.on_exception",
            "contextmanager = contextlib.contextmanager",
        ],
    );
}

#[test]
fn query_builders_end_in_a_read_or_a_write() {
    resolves(
        "
from supabase import create_client, AsyncClient
db = create_client(URL, KEY)
def f(ids):
    db.table('users').select('*').eq('id', 1).limit(5).execute()
    db.from_('users').insert({}).execute()
    db.table('users').update({}).eq('id', 1).execute()
async def g(client: AsyncClient):
    await client.table('users').select('*').execute()
",
        &[
            "create_client = supabase.create_client",
            "db.table('users').select('*').eq('id', 1).limit(5).execute = supabase.Query.execute",
            "db.table('users').select('*').eq('id', 1).limit = supabase.Query.limit",
            "db.table('users').select('*').eq = supabase.Query.eq",
            "db.table('users').select = supabase.Query.select",
            "db.table = supabase.Client.table",
            "db.from_('users').insert({}).execute = supabase.Write.execute",
            "db.from_('users').insert = supabase.Query.insert",
            "db.from_ = supabase.Client.from_",
            "db.table('users').update({}).eq('id', 1).execute = supabase.Write.execute",
            "db.table('users').update({}).eq = supabase.Write.eq",
            "db.table('users').update = supabase.Query.update",
            "db.table = supabase.Client.table",
            "client.table('users').select('*').execute = supabase.AsyncQuery.execute",
            "client.table('users').select = supabase.AsyncQuery.select",
            "client.table = supabase.AsyncClient.table",
        ],
    );
}

#[test]
fn connections_of_an_asynchronous_pool() {
    resolves(
        "
import asyncpg
from psycopg_pool import AsyncConnectionPool
class Store:
    def __init__(self, pool: asyncpg.Pool, other: 'AsyncConnectionPool'):
        self._pool = pool
        self._other = other
    async def one(self, id):
        async with self._pool.acquire() as conn, conn.transaction():
            return await conn.fetchrow('SELECT 1')
    async def two(self):
        async with self._other.connection() as conn:
            async with conn.cursor() as cur:
                await cur.execute('SELECT 1')
                return await cur.fetchall()
async def main():
    pool = await asyncpg.create_pool(DSN)
    await pool.fetch('SELECT 1')
",
        &[
            "self._pool.acquire = asyncpg.Pool.acquire",
            "conn.transaction = asyncpg.Connection.transaction",
            "conn.fetchrow = asyncpg.Connection.fetchrow",
            "self._other.connection = psycopg_pool.AsyncConnectionPool.connection",
            "conn.cursor = psycopg.AsyncConnection.cursor",
            "cur.execute = psycopg.AsyncCursor.execute",
            "cur.fetchall = dbapi.AsyncCursor.fetchall",
            "asyncpg.create_pool = asyncpg.create_pool",
            "pool.fetch = asyncpg.Pool.fetch",
        ],
    );
}

#[test]
fn displays_are_of_pythons_own_types() {
    resolves(
        "
def unique(rows, table: list[str]):
    seen = []
    names = [row.name for row in rows]
    by_name = {row.name: row for row in rows}
    seen.append(1)
    names.index('a')
    by_name.append(1)
    table.remove('a')
",
        &["seen.append = list.append", "names.index = list.index", "table.remove = list.remove"],
    );
}

#[test]
fn a_nested_function_hides_what_is_imported() {
    resolves(
        "
from requests import get
def load(url):
    def get(url):
        return url
    return get(url)
def other(url):
    return get(url)
",
        &["get = requests.get"],
    );
}

#[test]
fn a_view_takes_a_request_without_saying_so() {
    resolves(
        "
from django.http import HttpResponse
def take_in(request):
    return HttpResponse(request.FILES['scan'].read())
def named(request=None):
    return request.FILES['scan'].read()
",
        &[
            "HttpResponse = django.http.HttpResponse",
            "request.FILES['scan'].read = django.core.files.uploadedfile.UploadedFile.read",
        ],
    );
    resolves(
        "
def take_in(request):
    return request.FILES['scan'].read()
",
        &[],
    );
}

#[test]
fn a_field_holds_an_element_of_an_element() {
    resolves(
        "
from pymongo import MongoClient
class Store:
    def __init__(self, url):
        self.client = MongoClient(url)
        self.users = self.client['db']['users']
    def one(self, key):
        return self.users.find_one({'_id': key})
",
        &[
            "MongoClient = pymongo.MongoClient",
            "self.users.find_one = pymongo.collection.Collection.find_one",
        ],
    );
}
