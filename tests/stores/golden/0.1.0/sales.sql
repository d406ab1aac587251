BEGIN TRANSACTION;
CREATE TABLE sf_attempts (
        number INTEGER PRIMARY KEY, tenant TEXT NOT NULL, project TEXT NOT NULL, body TEXT NOT NULL
    ) STRICT
    ;
INSERT INTO "sf_attempts" VALUES(1,'main','P-1','{"actor":"li.wei","at":"2026-03-02T09:00:00Z","codes":["budget:field.missing"],"project":"P-1","trigger":"go","v":1,"version":1}');
INSERT INTO "sf_attempts" VALUES(2,'south','P-1','{"actor":"li.wei","at":"2026-03-02T09:00:00Z","codes":["budget:field.missing"],"project":"P-1","trigger":"go","v":1,"version":1}');
CREATE TABLE sf_counters (tenant TEXT PRIMARY KEY, position INTEGER NOT NULL) STRICT;
INSERT INTO "sf_counters" VALUES('main',5);
INSERT INTO "sf_counters" VALUES('south',5);
CREATE TABLE sf_facts (
        tenant TEXT NOT NULL, position INTEGER NOT NULL, project TEXT NOT NULL, version INTEGER NOT NULL,
        at INTEGER NOT NULL, body TEXT NOT NULL,
        PRIMARY KEY (tenant, position), UNIQUE (tenant, project, version)
    ) STRICT
    ;
INSERT INTO "sf_facts" VALUES('main',1,'P-1',1,1772442000000000,'{"actor":["li.wei",["project_lead"]],"at":"2026-03-02T09:00:00Z","body":{"changes":[["set","amount",{"m":["1200000.50","CNY"]}],["put","artefact",{"digest":"sha256:00","id":"market_research_report","title":"市场调研报告","type":"market_research_report"}],["set","owner","王伟"]],"name":"Upgrade","outcome":"undecided","stage":"lead"},"key":"k-1","lifecycle":["short","1"],"project":"P-1","type":"opened","v":1,"version":1}');
INSERT INTO "sf_facts" VALUES('main',2,'P-2',1,1772442000000000,'{"actor":["li.wei",["project_lead"]],"at":"2026-03-02T09:00:00Z","body":{"name":"Upgrade","outcome":"undecided","stage":"lead"},"lifecycle":["short","1"],"project":"P-2","type":"opened","v":1,"version":1}');
INSERT INTO "sf_facts" VALUES('main',3,'P-1',2,1772442060000000,'{"actor":["li.wei",["project_lead"]],"at":"2026-03-02T09:01:00Z","body":{"kind":"forward","outcome":"undecided","source":"lead","target":"offer","transition":"go","trigger":"go"},"lifecycle":["short","1"],"project":"P-1","type":"moved","v":1,"version":2}');
INSERT INTO "sf_facts" VALUES('main',4,'P-1',3,1772442000000000,'{"actor":["li.wei",["project_lead"]],"at":"2026-03-02T09:00:00Z","body":{"changes":[["set","amount",null],["drop","artefact","market_research_report"]]},"lifecycle":["short","1"],"project":"P-1","type":"changed","v":1,"version":3}');
INSERT INTO "sf_facts" VALUES('main',5,'P-1',4,1772528400000000,'{"actor":["li.wei",["project_lead"]],"at":"2026-03-03T09:00:00Z","body":{"kind":"forward","outcome":"won","source":"offer","target":"won","transition":"go","trigger":"go"},"lifecycle":["short","1"],"project":"P-1","type":"moved","v":1,"version":4}');
INSERT INTO "sf_facts" VALUES('south',1,'P-1',1,1772442000000000,'{"actor":["li.wei",["project_lead"]],"at":"2026-03-02T09:00:00Z","body":{"changes":[["set","amount",{"m":["1200000.50","CNY"]}],["put","artefact",{"digest":"sha256:00","id":"market_research_report","title":"市场调研报告","type":"market_research_report"}],["set","owner","王伟"]],"name":"Upgrade","outcome":"undecided","stage":"lead"},"key":"k-1","lifecycle":["short","1"],"project":"P-1","type":"opened","v":1,"version":1}');
INSERT INTO "sf_facts" VALUES('south',2,'P-2',1,1772442000000000,'{"actor":["li.wei",["project_lead"]],"at":"2026-03-02T09:00:00Z","body":{"name":"Upgrade","outcome":"undecided","stage":"lead"},"lifecycle":["short","1"],"project":"P-2","type":"opened","v":1,"version":1}');
INSERT INTO "sf_facts" VALUES('south',3,'P-1',2,1772442060000000,'{"actor":["li.wei",["project_lead"]],"at":"2026-03-02T09:01:00Z","body":{"kind":"forward","outcome":"undecided","source":"lead","target":"offer","transition":"go","trigger":"go"},"lifecycle":["short","1"],"project":"P-1","type":"moved","v":1,"version":2}');
INSERT INTO "sf_facts" VALUES('south',4,'P-1',3,1772442000000000,'{"actor":["li.wei",["project_lead"]],"at":"2026-03-02T09:00:00Z","body":{"changes":[["set","amount",null],["drop","artefact","market_research_report"]]},"lifecycle":["short","1"],"project":"P-1","type":"changed","v":1,"version":3}');
INSERT INTO "sf_facts" VALUES('south',5,'P-1',4,1772528400000000,'{"actor":["li.wei",["project_lead"]],"at":"2026-03-03T09:00:00Z","body":{"kind":"forward","outcome":"won","source":"offer","target":"won","transition":"go","trigger":"go"},"lifecycle":["short","1"],"project":"P-1","type":"moved","v":1,"version":4}');
CREATE TABLE sf_heads (
        tenant TEXT NOT NULL, project TEXT NOT NULL, version INTEGER NOT NULL,
        stage TEXT NOT NULL, owner TEXT, outcome TEXT NOT NULL,
        folded INTEGER NOT NULL, body TEXT NOT NULL, -- the head at version "folded", which may be an earlier one
        PRIMARY KEY (tenant, project)
    ) STRICT
    ;
INSERT INTO "sf_heads" VALUES('main','P-1',4,'won','王伟','won',4,'{"decided":4,"entries":[["artefact",[]]],"fields":{"owner":"王伟"},"id":"P-1","lifecycle":["short","1"],"name":"Upgrade","opened":["2026-03-02T09:00:00Z","li.wei"],"outcome":"won","parent":null,"stage":"won","suspended":null,"taken":{"go":2},"updated":"2026-03-03T09:00:00Z","v":1,"version":4,"visit":[3,"won","2026-03-03T09:00:00Z",4],"visits":3}');
INSERT INTO "sf_heads" VALUES('main','P-2',1,'lead',NULL,'undecided',1,'{"decided":0,"entries":[],"fields":{},"id":"P-2","lifecycle":["short","1"],"name":"Upgrade","opened":["2026-03-02T09:00:00Z","li.wei"],"outcome":"undecided","parent":null,"stage":"lead","suspended":null,"taken":{},"updated":"2026-03-02T09:00:00Z","v":1,"version":1,"visit":[1,"lead","2026-03-02T09:00:00Z",1],"visits":1}');
INSERT INTO "sf_heads" VALUES('south','P-1',4,'won','王伟','won',4,'{"decided":4,"entries":[["artefact",[]]],"fields":{"owner":"王伟"},"id":"P-1","lifecycle":["short","1"],"name":"Upgrade","opened":["2026-03-02T09:00:00Z","li.wei"],"outcome":"won","parent":null,"stage":"won","suspended":null,"taken":{"go":2},"updated":"2026-03-03T09:00:00Z","v":1,"version":4,"visit":[3,"won","2026-03-03T09:00:00Z",4],"visits":3}');
INSERT INTO "sf_heads" VALUES('south','P-2',1,'lead',NULL,'undecided',1,'{"decided":0,"entries":[],"fields":{},"id":"P-2","lifecycle":["short","1"],"name":"Upgrade","opened":["2026-03-02T09:00:00Z","li.wei"],"outcome":"undecided","parent":null,"stage":"lead","suspended":null,"taken":{},"updated":"2026-03-02T09:00:00Z","v":1,"version":1,"visit":[1,"lead","2026-03-02T09:00:00Z",1],"visits":1}');
CREATE TABLE sf_keys (
        tenant TEXT NOT NULL, project TEXT NOT NULL, key TEXT NOT NULL, fingerprint TEXT NOT NULL,
        position INTEGER NOT NULL, at INTEGER NOT NULL,
        PRIMARY KEY (tenant, project, key)
    ) STRICT, WITHOUT ROWID
    ;
INSERT INTO "sf_keys" VALUES('main','P-1','k-1','aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa',1,1772442000000000);
INSERT INTO "sf_keys" VALUES('main','P-1','k-2','bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb',5,1772528400000000);
INSERT INTO "sf_keys" VALUES('south','P-1','k-1','aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa',1,1772442000000000);
INSERT INTO "sf_keys" VALUES('south','P-1','k-2','bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb',5,1772528400000000);
CREATE TABLE sf_meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
INSERT INTO "sf_meta" VALUES('schema','2');
CREATE TABLE sf_work (
        tenant TEXT NOT NULL, id TEXT NOT NULL, kind TEXT NOT NULL, project TEXT NOT NULL, visit INTEGER,
        due INTEGER NOT NULL, status TEXT NOT NULL, owner TEXT, until INTEGER, token INTEGER NOT NULL,
        attempts INTEGER NOT NULL, error TEXT, body TEXT NOT NULL,
        PRIMARY KEY (tenant, id)
    ) STRICT
    ;
INSERT INTO "sf_work" VALUES('main','n:P-1:1:1','notice','P-1',NULL,1772442000000000,'dead',NULL,NULL,1048577,1,'no such address','{"params":{},"project":"P-1","to":["team","role:ceo"],"topic":"stage.entered","v":1,"version":1}');
INSERT INTO "sf_work" VALUES('main','n:P-1:1:2','notice','P-1',NULL,1772442000000000,'ready',NULL,NULL,1048576,0,NULL,'{"params":{},"project":"P-1","to":["team","role:ceo"],"topic":"stage.entered","v":1,"version":1}');
INSERT INTO "sf_work" VALUES('main','d:P-1:2:sla','deadline','P-1',2,1772701200000000,'ready',NULL,NULL,3145728,0,NULL,'{"at":"2026-03-05T09:00:00Z","deadline":"sla","project":"P-1","stage":"lead","v":1,"visit":2}');
INSERT INTO "sf_work" VALUES('south','n:P-1:1:1','notice','P-1',NULL,1772442000000000,'dead',NULL,NULL,1048577,1,'no such address','{"params":{},"project":"P-1","to":["team","role:ceo"],"topic":"stage.entered","v":1,"version":1}');
INSERT INTO "sf_work" VALUES('south','n:P-1:1:2','notice','P-1',NULL,1772442000000000,'ready',NULL,NULL,1048576,0,NULL,'{"params":{},"project":"P-1","to":["team","role:ceo"],"topic":"stage.entered","v":1,"version":1}');
INSERT INTO "sf_work" VALUES('south','d:P-1:2:sla','deadline','P-1',2,1772701200000000,'ready',NULL,NULL,3145728,0,NULL,'{"at":"2026-03-05T09:00:00Z","deadline":"sla","project":"P-1","stage":"lead","v":1,"visit":2}');
CREATE INDEX sf_heads_stage ON sf_heads (tenant, stage, project);
CREATE INDEX sf_heads_owner ON sf_heads (tenant, owner, project) WHERE owner IS NOT NULL;
CREATE INDEX sf_heads_outcome ON sf_heads (tenant, outcome, project);
CREATE INDEX sf_keys_at ON sf_keys (tenant, at);
CREATE INDEX sf_attempts_project ON sf_attempts (tenant, project);
CREATE INDEX sf_work_ready ON sf_work (tenant, kind, due, id) WHERE status = 'ready';
CREATE INDEX sf_work_leased ON sf_work (tenant, kind, until) WHERE status = 'leased';
CREATE INDEX sf_work_dead ON sf_work (tenant, kind, id) WHERE status = 'dead';
CREATE INDEX sf_work_stay ON sf_work (tenant, project, visit) WHERE visit IS NOT NULL;
COMMIT;
