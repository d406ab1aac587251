BEGIN TRANSACTION;
CREATE TABLE salesflow_attempt (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	tenant TEXT NOT NULL, 
	xid INTEGER NOT NULL, 
	project TEXT NOT NULL, 
	body TEXT NOT NULL
)
 STRICT

;
INSERT INTO "salesflow_attempt" VALUES(1,'main',0,'P-1','{"actor":"li.wei","at":"2026-03-02T09:00:00Z","codes":["budget:field.missing"],"project":"P-1","transition":"go","trigger":"go","v":1,"version":1}');
INSERT INTO "salesflow_attempt" VALUES(2,'main',0,'P-3','{"actor":"li.wei","at":"2026-03-02T09:00:00Z","codes":["budget:field.missing"],"project":"P-3","transition":"go","trigger":"go","v":1,"version":1}');
INSERT INTO "salesflow_attempt" VALUES(3,'main',0,'P-3','{"actor":"li.wei","at":"2026-03-02T09:00:00Z","codes":["budget:field.missing"],"project":"P-3","transition":"go","trigger":"win","v":1,"version":1}');
CREATE TABLE salesflow_counter (
	tenant TEXT NOT NULL, 
	pos INTEGER NOT NULL, 
	ordering TEXT NOT NULL, 
	PRIMARY KEY (tenant)
)
 STRICT

;
INSERT INTO "salesflow_counter" VALUES('main',18,'total');
CREATE TABLE salesflow_definition (
	tenant TEXT NOT NULL, 
	id TEXT NOT NULL, 
	version TEXT NOT NULL, 
	digest TEXT NOT NULL, 
	body TEXT NOT NULL, 
	CONSTRAINT salesflow_definition_pkey PRIMARY KEY (tenant, id, version)
)
 WITHOUT ROWID,
 STRICT

;
INSERT INTO "salesflow_definition" VALUES('main','short','1','sha256:de','{"id": "short", "schema": 1}');
CREATE TABLE salesflow_fact (
	tenant TEXT NOT NULL, 
	pos INTEGER NOT NULL, 
	xid INTEGER NOT NULL, 
	project TEXT NOT NULL, 
	version INTEGER NOT NULL, 
	at INTEGER NOT NULL, 
	body TEXT NOT NULL, 
	CONSTRAINT salesflow_fact_pkey PRIMARY KEY (tenant, pos), 
	CONSTRAINT salesflow_fact_version UNIQUE (tenant, project, version)
)
 STRICT

;
INSERT INTO "salesflow_fact" VALUES('main',1,0,'P-1',1,1772442000000000,'{"actor":["li.wei",["project_lead"]],"at":"2026-03-02T09:00:00Z","body":{"changes":[["set","amount",{"m":["1200000.50","CNY"]}],["put","artefact",{"digest":"sha256:00","id":"market_research_report","title":"市场调研报告","type":"market_research_report"}],["set","owner","王伟"]],"name":"Upgrade","outcome":"undecided","stage":"lead"},"key":"k-1","lifecycle":["short","1"],"project":"P-1","recorded":"2026-03-02T09:00:00.001000Z","type":"opened","v":1,"version":1}');
INSERT INTO "salesflow_fact" VALUES('main',2,0,'P-2',1,1772442000000000,'{"actor":["li.wei",["project_lead"]],"at":"2026-03-02T09:00:00Z","body":{"name":"Upgrade","outcome":"undecided","stage":"lead"},"lifecycle":["short","1"],"project":"P-2","recorded":"2026-03-02T09:00:00.001000Z","type":"opened","v":1,"version":1}');
INSERT INTO "salesflow_fact" VALUES('main',3,0,'P-1',2,1772442060000000,'{"actor":["li.wei",["project_lead"]],"at":"2026-03-02T09:01:00Z","body":{"kind":"forward","outcome":"undecided","source":"lead","target":"offer","transition":"go","trigger":"go"},"lifecycle":["short","1"],"project":"P-1","recorded":"2026-03-02T09:01:00.001000Z","type":"moved","v":1,"version":2}');
INSERT INTO "salesflow_fact" VALUES('main',4,0,'P-1',3,1772442000000000,'{"actor":["li.wei",["project_lead"]],"at":"2026-03-02T09:00:00Z","body":{"changes":[["set","amount",null],["drop","artefact","market_research_report"]]},"lifecycle":["short","1"],"project":"P-1","recorded":"2026-03-02T09:00:00.001000Z","type":"changed","v":1,"version":3}');
INSERT INTO "salesflow_fact" VALUES('main',5,0,'P-1',4,1772528400000000,'{"actor":["li.wei",["project_lead"]],"at":"2026-03-03T09:00:00Z","body":{"kind":"forward","outcome":"won","source":"offer","target":"won","transition":"go","trigger":"go"},"lifecycle":["short","1"],"project":"P-1","recorded":"2026-03-03T09:00:00.001000Z","type":"moved","v":1,"version":4}');
INSERT INTO "salesflow_fact" VALUES('main',6,0,'P-3',1,1772445600000000,'{"actor":["王伟",["owner","sales_director"]],"at":"2026-03-02T10:00:00Z","body":{"changes":[["set","owner","li.wei"],["put","crm.note",{"id":"N-1","stars":4,"text":"召回"}]],"digest":"sha256:de","name":"Upgrade","outcome":"undecided","parent":"P-1","stage":"lead"},"lifecycle":["short","1"],"project":"P-3","recorded":"2026-03-02T10:01:00Z","type":"opened","v":1,"version":1}');
INSERT INTO "salesflow_fact" VALUES('main',7,0,'P-3',2,1772449200000000,'{"actor":["王伟",["owner","sales_director"]],"at":"2026-03-02T11:00:00Z","body":{"changes":[["put","approval",{"at":{"t":"2026-03-02T09:00:00Z"},"bound":{"o":{"amount":{"m":["5.00","EUR"]},"goal":{"o":{"G-1":"sha256:01"}}}},"by":"王伟","id":"A-1","name":"price","owner":"li.wei","requester":"chen.yu","roles":["sales_director"],"visit":1}],["put","risk",{"id":"R-1","impact":5,"probability":4,"title":"Late"}],["put","crm.note",{"id":"N-2","stars":4,"text":"召回"}],["put","activity",{"answers":"C-1","direction":"out","id":"C-2","planned_for":{"t":"2026-03-02T09:00:00Z"},"planned_until":{"t":"2026-03-11T09:00:00Z"},"type":"call"}],["put","appraisal",{"at":{"t":"2026-03-02T09:00:00Z"},"criteria":[{"a":{"id":"sales","metric":"sales_amount","rating":{"n":"80"},"weight":{"n":"0.5"}}}],"end":{"d":"2026-03-11"},"id":"P-1","member":"王伟","start":{"d":"2026-03-02"}}],["put","invoice",{"amount":{"m":["113.00","CNY"]},"credit":true,"id":"I-1","issued_on":{"d":"2026-03-02"},"tax_rate":{"n":"0.13"},"taxed":false}],["put","kpi_snapshot",{"at":{"t":"2026-03-02T09:00:00Z"},"basis":"known_today","id":"S-1","values":[{"a":{"denominator":{"n":"5"},"group":{"o":{"owner":"王伟"}},"metric":"win_rate","n":5,"numerator":{"n":"2"},"value":{"n":"0.4"},"variant":"of_all"}},{"a":{"metric":"sales_amount","period":"2026-Q1","reason":"no_closed_projects","unit":"CNY","version":2}}]}],["put","kpi_target",{"group":{"o":{"market":"north"}},"id":"T-1","metric":"win_rate","owner":"li.wei","target":{"n":"0.35"},"version":2}],["put","survey",{"id":"N-1","name":"after_delivery","scale":"nps","score":{"n":"9"}}],["put","time_booking",{"day":{"d":"2026-03-02"},"hours":{"n":"7.5"},"id":"B-1","member":"王伟"}],["set","due",{"t":"2026-03-02T09:00:00Z"}]]},"lifecycle":["short","1"],"project":"P-3","recorded":"2026-03-02T11:01:00Z","type":"changed","v":1,"version":2}');
INSERT INTO "salesflow_fact" VALUES('main',8,0,'P-3',3,1772452800000000,'{"actor":["王伟",["owner","sales_director"]],"at":"2026-03-02T12:00:00Z","body":{"deadline":"sla","new":"2026-03-07T09:00:00Z","old":"2026-03-02T09:00:00Z","visit":1,"why":"field due"},"lifecycle":["short","1"],"project":"P-3","recorded":"2026-03-02T12:01:00Z","type":"deadline_moved","v":1,"version":3}');
INSERT INTO "salesflow_fact" VALUES('main',9,0,'P-3',4,1772456400000000,'{"actor":["王伟",["owner","sales_director"]],"at":"2026-03-02T13:00:00Z","body":{"kind":"hold","outcome":"undecided","source":"lead","target":"paused","transition":"pause","trigger":"pause"},"lifecycle":["short","1"],"project":"P-3","recorded":"2026-03-02T13:01:00Z","type":"moved","v":1,"version":4}');
INSERT INTO "salesflow_fact" VALUES('main',10,0,'P-3',5,1772460000000000,'{"actor":["王伟",["owner","sales_director"]],"at":"2026-03-02T14:00:00Z","body":{"kind":"resume","outcome":"undecided","source":"paused","target":"lead","transition":"go_on","trigger":"go_on"},"lifecycle":["short","1"],"project":"P-3","recorded":"2026-03-02T14:01:00Z","type":"moved","v":1,"version":5}');
INSERT INTO "salesflow_fact" VALUES('main',11,0,'P-3',6,1772463600000000,'{"actor":["王伟",["owner","sales_director"]],"at":"2026-03-02T15:00:00Z","body":{"changes":[["put","risk",{"id":"R-1","impact":5,"probability":4,"status":"responding","title":"Late"}]],"id":"R-1","kind":"risk","lifecycle":"risk","source":"identified","target":"responding","transition":"mitigate","version":"1"},"lifecycle":["short","1"],"project":"P-3","recorded":"2026-03-02T15:01:00Z","type":"entry_moved","v":1,"version":6}');
INSERT INTO "salesflow_fact" VALUES('main',12,0,'P-3',7,1772467200000000,'{"actor":["王伟",["owner","sales_director"]],"at":"2026-03-02T16:00:00Z","body":{"changes":[["set","level","high"]],"deadline":"rot","due":"2026-03-02T09:01:00Z","stage":"lead","visit":1},"lifecycle":["short","1"],"project":"P-3","recorded":"2026-03-02T16:01:00Z","type":"passed","v":1,"version":7}');
INSERT INTO "salesflow_fact" VALUES('main',13,0,'P-3',8,1772470800000000,'{"actor":["王伟",["owner","sales_director"]],"at":"2026-03-02T17:00:00Z","body":{"deadline":"old","due":"2026-03-02T09:00:00Z","late":true,"stage":"lead","visit":1},"lifecycle":["short","1"],"project":"P-3","recorded":"2026-03-02T17:01:00Z","type":"passed","v":1,"version":8}');
INSERT INTO "salesflow_fact" VALUES('main',14,0,'P-3',9,1772474400000000,'{"actor":["王伟",["owner","sales_director"]],"at":"2026-03-02T18:00:00Z","body":{"changes":[["drop","crm.note","N-2"]],"closed":true,"kind":"forward","outcome":"won","overrides":[["price","agreed by phone","王伟"]],"reason":"ok","source":"lead","spawned":"P-4","target":"won","transition":"win","trigger":"win","verdicts":[{"code":"approval.missing","evidence":{"name":"price"},"guard":"approval","id":"price","missing":[["approval","price",{"roles":["ceo"]}]],"overridable":true,"overridden":true,"plugin":"acme","plugin_version":"1.2","severity":"warn","status":"fail"}]},"lifecycle":["short","1"],"project":"P-3","recorded":"2026-03-02T18:01:00Z","type":"moved","v":1,"version":9}');
INSERT INTO "salesflow_fact" VALUES('main',15,0,'P-3',10,1772478000000000,'{"actor":["王伟",["owner","sales_director"]],"at":"2026-03-02T19:00:00Z","body":{"closed":false,"kind":"reopen","outcome":"undecided","source":"won","target":"lead","transition":"again","trigger":"again"},"lifecycle":["short","1"],"project":"P-3","recorded":"2026-03-02T19:01:00Z","type":"moved","v":1,"version":10}');
INSERT INTO "salesflow_fact" VALUES('main',16,0,'P-3',11,1772481600000000,'{"actor":["王伟",["owner","sales_director"]],"at":"2026-03-02T20:00:00Z","body":{"closed":true,"kind":"exit","outcome":"undecided","source":"lead","target":"done","transition":"stop","trigger":"stop"},"lifecycle":["short","1"],"project":"P-3","recorded":"2026-03-02T20:01:00Z","type":"moved","v":1,"version":11}');
INSERT INTO "salesflow_fact" VALUES('main',17,0,'P-3',12,1772485200000000,'{"actor":["王伟",["owner","sales_director"]],"at":"2026-03-02T21:00:00Z","body":{"cadence":"report","changes":[["set","level","low"]],"slots":[["2026-03-02T09:00:00Z",null],["2026-03-02T09:01:00Z","王伟"]]},"lifecycle":["short","1"],"project":"P-3","recorded":"2026-03-02T21:01:00Z","type":"slot_missed","v":1,"version":12}');
INSERT INTO "salesflow_fact" VALUES('main',18,0,'P-3',13,1772488800000000,'{"actor":["王伟",["owner","sales_director"]],"at":"2026-03-02T22:00:00Z","body":{"former":"P-1","parent":"P-2","reason":"next quarter"},"lifecycle":["short","1"],"project":"P-3","recorded":"2026-03-02T22:01:00Z","type":"reparented","v":1,"version":13}');
CREATE TABLE salesflow_head (
	tenant TEXT NOT NULL, 
	project TEXT NOT NULL, 
	version INTEGER NOT NULL, 
	stage TEXT NOT NULL, 
	outcome TEXT NOT NULL, 
	owner TEXT, 
	body TEXT NOT NULL, 
	parent TEXT, 
	opened INTEGER NOT NULL, 
	closed INTEGER, 
	CONSTRAINT salesflow_head_pkey PRIMARY KEY (tenant, project)
)
 WITHOUT ROWID,
 STRICT

;
INSERT INTO "salesflow_head" VALUES('main','P-1',4,'won','won','王伟','{"closed":"2026-03-03T09:00:00Z","decided":4,"digest":null,"entries":[["artefact",[]]],"fields":{"owner":"王伟"},"id":"P-1","lifecycle":["short","1"],"name":"Upgrade","opened":["2026-03-02T09:00:00Z","li.wei"],"outcome":"won","parent":null,"stage":"won","suspended":null,"taken":{"go":2},"takers":"li.wei","updated":"2026-03-03T09:00:00Z","v":4,"version":4,"visit":[3,"won","2026-03-03T09:00:00Z",4],"visits":3}',NULL,1772442000000000,1772528400000000);
INSERT INTO "salesflow_head" VALUES('main','P-2',1,'lead','undecided',NULL,'{"closed":null,"decided":0,"digest":null,"entries":[],"fields":{},"id":"P-2","lifecycle":["short","1"],"name":"Upgrade","opened":["2026-03-02T09:00:00Z","li.wei"],"outcome":"undecided","parent":null,"stage":"lead","suspended":null,"taken":{},"takers":"","updated":"2026-03-02T09:00:00Z","v":4,"version":1,"visit":[1,"lead","2026-03-02T09:00:00Z",1],"visits":1}',NULL,1772442000000000,NULL);
INSERT INTO "salesflow_head" VALUES('main','P-3',13,'done','undecided','li.wei','{"closed":"2026-03-02T20:00:00Z","decided":10,"digest":"sha256:de","entries":[["approval",[[{"at":{"t":"2026-03-02T09:00:00Z"},"bound":{"o":{"amount":{"m":["5.00","EUR"]},"goal":{"o":{"G-1":"sha256:01"}}}},"by":"王伟","id":"A-1","name":"price","owner":"li.wei","requester":"chen.yu","roles":["sales_director"],"visit":1},2,"2026-03-02T11:00:00Z","王伟"]]],["risk",[[{"id":"R-1","impact":5,"probability":4,"status":"responding","title":"Late"},6,"2026-03-02T15:00:00Z","王伟",[["mitigate","responding","2026-03-02T15:00:00Z","王伟","risk","1"]]]]],["activity",[[{"answers":"C-1","direction":"out","id":"C-2","planned_for":{"t":"2026-03-02T09:00:00Z"},"planned_until":{"t":"2026-03-11T09:00:00Z"},"type":"call"},2,"2026-03-02T11:00:00Z","王伟"]]],["appraisal",[[{"at":{"t":"2026-03-02T09:00:00Z"},"criteria":[{"a":{"id":"sales","metric":"sales_amount","rating":{"n":"80"},"weight":{"n":"0.5"}}}],"end":{"d":"2026-03-11"},"id":"P-1","member":"王伟","start":{"d":"2026-03-02"}},2,"2026-03-02T11:00:00Z","王伟"]]],["invoice",[[{"amount":{"m":["113.00","CNY"]},"credit":true,"id":"I-1","issued_on":{"d":"2026-03-02"},"tax_rate":{"n":"0.13"},"taxed":false},2,"2026-03-02T11:00:00Z","王伟"]]],["kpi_snapshot",[[{"at":{"t":"2026-03-02T09:00:00Z"},"basis":"known_today","id":"S-1","values":[{"a":{"denominator":{"n":"5"},"group":{"o":{"owner":"王伟"}},"metric":"win_rate","n":5,"numerator":{"n":"2"},"value":{"n":"0.4"},"variant":"of_all"}},{"a":{"metric":"sales_amount","period":"2026-Q1","reason":"no_closed_projects","unit":"CNY","version":2}}]},2,"2026-03-02T11:00:00Z","王伟"]]],["kpi_target",[[{"group":{"o":{"market":"north"}},"id":"T-1","metric":"win_rate","owner":"li.wei","target":{"n":"0.35"},"version":2},2,"2026-03-02T11:00:00Z","王伟"]]],["survey",[[{"id":"N-1","name":"after_delivery","scale":"nps","score":{"n":"9"}},2,"2026-03-02T11:00:00Z","王伟"]]],["time_booking",[[{"day":{"d":"2026-03-02"},"hours":{"n":"7.5"},"id":"B-1","member":"王伟"},2,"2026-03-02T11:00:00Z","王伟"]]],["crm.note",[[{"id":"N-1","stars":4,"text":"召回"},1,"2026-03-02T10:00:00Z","王伟"]]]],"fields":{"due":{"t":"2026-03-02T09:00:00Z"},"level":"low","owner":"li.wei"},"id":"P-3","lifecycle":["short","1"],"name":"Upgrade","opened":["2026-03-02T10:00:00Z","王伟"],"outcome":"undecided","parent":"P-2","slots":{"report":{"":"2026-03-02T09:00:00Z","王伟":"2026-03-02T09:01:00Z"}},"stage":"done","suspended":null,"taken":{"again":1,"go_on":1,"pause":1,"stop":1,"win":1},"takers":"王伟","updated":"2026-03-02T22:00:00Z","v":4,"version":13,"visit":[5,"done","2026-03-02T20:00:00Z",11],"visits":5}','P-2',1772445600000000,1772481600000000);
CREATE TABLE salesflow_key (
	tenant TEXT NOT NULL, 
	project TEXT NOT NULL, 
	"key" TEXT NOT NULL, 
	fingerprint TEXT NOT NULL, 
	pos INTEGER NOT NULL, 
	at INTEGER NOT NULL, 
	CONSTRAINT salesflow_key_pkey PRIMARY KEY (tenant, project, "key")
)
 WITHOUT ROWID,
 STRICT

;
INSERT INTO "salesflow_key" VALUES('main','P-1','k-1','aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa',1,1772442000000000);
INSERT INTO "salesflow_key" VALUES('main','P-1','k-2','bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb',5,1772528400000000);
INSERT INTO "salesflow_key" VALUES('main','P-3','k-3','aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa',6,1772445600000000);
CREATE TABLE salesflow_meta (
	k TEXT NOT NULL, 
	v TEXT NOT NULL, 
	PRIMARY KEY (k)
)
 STRICT

;
INSERT INTO "salesflow_meta" VALUES('schema','3');
CREATE TABLE salesflow_work (
	tenant TEXT NOT NULL, 
	id TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	project TEXT NOT NULL, 
	visit INTEGER, 
	due INTEGER NOT NULL, 
	status TEXT NOT NULL, 
	owner TEXT, 
	until INTEGER, 
	token INTEGER NOT NULL, 
	attempts INTEGER NOT NULL, 
	error TEXT, 
	body TEXT NOT NULL, 
	CONSTRAINT salesflow_work_pkey PRIMARY KEY (tenant, id)
)
 WITHOUT ROWID,
 STRICT

;
INSERT INTO "salesflow_work" VALUES('main','d:P-1:2:sla','deadline','P-1',2,1772701200000000,'ready',NULL,NULL,3145728,0,NULL,'{"at":"2026-03-05T09:00:00Z","deadline":"sla","project":"P-1","stage":"lead","v":1,"visit":2}');
INSERT INTO "salesflow_work" VALUES('main','d:P-3:0:report:2026-03-02T09:00:00+00:00','deadline','P-3',0,1773219600000000,'ready',NULL,NULL,4194304,0,NULL,'{"at":"2026-03-11T09:00:00Z","deadline":"report","project":"P-3","slot":"2026-03-02T09:00:00Z","stage":"","v":1,"visit":0}');
INSERT INTO "salesflow_work" VALUES('main','d:P-3:1:sla','deadline','P-3',1,1773219600000000,'ready',NULL,NULL,4194304,0,NULL,'{"at":"2026-03-11T09:00:00Z","deadline":"sla","project":"P-3","stage":"lead","v":1,"visit":1}');
INSERT INTO "salesflow_work" VALUES('main','n:P-1:1:1','notice','P-1',NULL,1772442000000000,'dead',NULL,NULL,1048577,1,'no such address','{"params":{},"project":"P-1","to":["team","role:ceo"],"topic":"stage.entered","v":1,"version":1}');
INSERT INTO "salesflow_work" VALUES('main','n:P-1:1:2','notice','P-1',NULL,1772442000000000,'ready',NULL,NULL,1048576,0,NULL,'{"params":{},"project":"P-1","to":["team","role:ceo"],"topic":"stage.entered","v":1,"version":1}');
INSERT INTO "salesflow_work" VALUES('main','n:P-3:2:0:001','notice','P-3',NULL,1773219600000000,'ready',NULL,NULL,2097152,0,NULL,'{"actor":"li.wei","at":"2026-03-02T09:00:00Z","lang":"zh","lifecycle":"short","lifecycle_version":"1","owner":"王伟","params":{},"plugin":"acme_mail","project":"P-3","project_name":"Upgrade","recipient":"wang.wei@example.com","source_label":["Lead","线索"],"stage":"offer","stage_label":["Offer","报价"],"to":["owner"],"topic":"stage.entered","topic_label":["Entered","进入"],"v":1,"version":1}');
CREATE INDEX salesflow_head_stage ON salesflow_head (tenant, stage, project);
CREATE INDEX salesflow_head_owner ON salesflow_head (tenant, owner, project);
CREATE INDEX salesflow_head_outcome ON salesflow_head (tenant, outcome, project);
CREATE INDEX salesflow_head_parent ON salesflow_head (tenant, parent, project);
CREATE INDEX salesflow_head_opened ON salesflow_head (tenant, opened, project);
CREATE INDEX salesflow_head_closed ON salesflow_head (tenant, closed, project);
CREATE INDEX salesflow_key_at ON salesflow_key (tenant, at);
CREATE INDEX salesflow_attempt_project ON salesflow_attempt (tenant, project, id);
CREATE INDEX salesflow_attempt_order ON salesflow_attempt (tenant, xid, id);
CREATE INDEX salesflow_work_dead ON salesflow_work (tenant, kind, id) WHERE status = 'dead';
CREATE INDEX salesflow_work_stay ON salesflow_work (tenant, project, visit) WHERE kind = 'deadline';
CREATE INDEX salesflow_work_due ON salesflow_work (tenant, kind, due, id) WHERE status = 'ready';
CREATE INDEX salesflow_work_lease ON salesflow_work (tenant, kind, until) WHERE status = 'leased';
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('salesflow_attempt',3);
COMMIT;
