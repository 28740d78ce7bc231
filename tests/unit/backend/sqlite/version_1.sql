BEGIN TRANSACTION;
CREATE TABLE definitions (
      workflow_id  TEXT PRIMARY KEY,
      name         TEXT NOT NULL,
      version      TEXT,
      spec         TEXT NOT NULL,
      created_at   INTEGER NOT NULL
    ) WITHOUT ROWID
    ;
INSERT INTO "definitions" VALUES('9224bef87c94d10116ca5ba4833f0dc7','order','1','{"labels":{"team":"shop"},"name":"order","outputs":{"a":{"var":"steps.a.output.n"}},"steps":[{"id":"a","input":{"n":1}},{"id":"b","input":{"from":"b"}},{"depends_on":["a","b"],"id":"c","retry":{"max_attempts":2}}],"version":"1"}',1767323045678);
INSERT INTO "definitions" VALUES('dd3559767ddfed7317ba491fbdbb7327','order','2','{"labels":{"team":"shop"},"name":"order","outputs":{"a":{"var":"steps.a.output.n"}},"steps":[{"id":"a","input":{"n":2}},{"id":"b","input":{"from":"b"}},{"depends_on":["a","b"],"id":"c","retry":{"max_attempts":2}}],"version":"2"}',1767323046678);
CREATE TABLE executions (
      number             INTEGER PRIMARY KEY,
      execution_id       TEXT NOT NULL UNIQUE,
      workflow_id        TEXT NOT NULL REFERENCES definitions,
      name               TEXT NOT NULL,
      labels             TEXT NOT NULL,
      inputs_digest      TEXT NOT NULL,
      created_at         INTEGER NOT NULL,
      revision           INTEGER NOT NULL,
      token              TEXT NOT NULL,
      status             TEXT NOT NULL,
      wake_at            INTEGER,
      updated_at         INTEGER NOT NULL,
      ended_at           INTEGER,
      error_type         TEXT,
      min_engine         INTEGER NOT NULL,
      snapshot_revision  INTEGER NOT NULL DEFAULT 0,
      snapshot_bytes     INTEGER NOT NULL DEFAULT 0,
      tail_bytes         INTEGER NOT NULL DEFAULT 0,
      mail               INTEGER NOT NULL DEFAULT 0,
      consumed           INTEGER NOT NULL DEFAULT 0
    );
INSERT INTO "executions" VALUES(1,'done','9224bef87c94d10116ca5ba4833f0dc7','order','{"team":"shop"}','aea935b8b25a6fb436a441de694caae0',1767323045678,4,'w-12d8367a80e50aeb-3','complete',NULL,1767323045678,1767323045678,NULL,1,0,0,209,3,3);
INSERT INTO "executions" VALUES(2,'open','dd3559767ddfed7317ba491fbdbb7327','order','{"team":"shop"}','44136fa355b3678a1146ad16f7e8649e',1767323046678,2,'w-12d8367a80e50aeb-5','in_progress',NULL,1767323046678,NULL,NULL,1,0,0,68,4,0);
CREATE TABLE facts (
      execution  INTEGER NOT NULL,
      revision   INTEGER NOT NULL,
      at         INTEGER NOT NULL,
      facts      TEXT NOT NULL,
      PRIMARY KEY (execution, revision)
    ) WITHOUT ROWID
    ;
INSERT INTO "facts" VALUES(1,1,1767323045678,'[["created","9224bef87c94d10116ca5ba4833f0dc7",{"customer":"\u00e9"}]]');
INSERT INTO "facts" VALUES(1,2,1767323045678,'[["dispatched","a",0,1,{"n":1}],["dispatched","b",0,1,{"from":"b"}]]');
INSERT INTO "facts" VALUES(1,3,1767323045678,'[["succeeded","a",0,{"n":7}],["succeeded","b",0,{"n":7}],["dispatched","c",0,1,{}]]');
INSERT INTO "facts" VALUES(1,4,1767323045678,'[["succeeded","c",0,{}],["ended","complete",{"a":7},null]]');
INSERT INTO "facts" VALUES(2,1,1767323046678,'[["created","dd3559767ddfed7317ba491fbdbb7327",{}]]');
INSERT INTO "facts" VALUES(2,2,1767323046678,'[["dispatched","a",0,1,{"n":2}],["dispatched","b",0,1,{"from":"b"}]]');
CREATE TABLE inbox (
      place         INTEGER PRIMARY KEY AUTOINCREMENT,
      execution_id  TEXT NOT NULL,
      key           TEXT NOT NULL,
      kind          TEXT NOT NULL,
      body          TEXT NOT NULL,
      UNIQUE (execution_id, key)
    );
INSERT INTO "inbox" VALUES(4,'open','ff3f5a64f71a0c6e9799569cc939ad46','result','{"step":"a","run_id":0,"output":{"n":8},"error":null,"delivery":null}');
CREATE TABLE jobs (
      execution_id           TEXT NOT NULL,
      step                   TEXT NOT NULL,
      run_id                 INTEGER NOT NULL,
      workflow_execution_id  TEXT NOT NULL,
      number                 INTEGER NOT NULL,
      fn                     TEXT NOT NULL,
      inputs                 TEXT NOT NULL,
      attempt                INTEGER NOT NULL,
      turn                   INTEGER NOT NULL,
      delivery               INTEGER NOT NULL DEFAULT 0,
      worker                 TEXT,
      PRIMARY KEY (execution_id, step, run_id)
    ) WITHOUT ROWID
    ;
INSERT INTO "jobs" VALUES('open','a',0,'dd3559767ddfed7317ba491fbdbb7327#open',1767323046678000000,'a','{"n":2}',1,0,1,'sql-worker');
INSERT INTO "jobs" VALUES('open','b',0,'dd3559767ddfed7317ba491fbdbb7327#open',1767323046678000001,'b','{"from":"b"}',1,0,0,NULL);
CREATE TABLE snapshots (
      execution  INTEGER PRIMARY KEY,
      revision   INTEGER NOT NULL,
      record     TEXT NOT NULL
    );
CREATE TABLE workers (
      worker       TEXT PRIMARY KEY,
      host         TEXT NOT NULL,
      pid          INTEGER NOT NULL,
      lease_until  INTEGER NOT NULL
    ) WITHOUT ROWID
    ;
INSERT INTO "workers" VALUES('sql-worker','here',1,1767323106678);
CREATE INDEX executions_wake ON executions (wake_at) WHERE wake_at IS NOT NULL
    ;
CREATE INDEX executions_mail ON executions (number) WHERE mail > consumed
    ;
CREATE INDEX jobs_queued ON jobs (number) WHERE worker IS NULL
    ;
CREATE TRIGGER jobs_taken BEFORE UPDATE OF worker ON jobs
    WHEN NEW.worker IS NOT NULL AND NOT EXISTS (SELECT 1 FROM workers WHERE worker = NEW.worker)
    BEGIN
      SELECT RAISE(ABORT, 'a worker that takes jobs must be in the table workers, with a lease');
    END;
CREATE TRIGGER inbox_put AFTER INSERT ON inbox BEGIN
      UPDATE executions SET mail = NEW.place WHERE execution_id = NEW.execution_id;
    END;
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('inbox',4);
COMMIT;
