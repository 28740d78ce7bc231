BEGIN TRANSACTION;
CREATE TABLE definitions (
      workflow_id  TEXT PRIMARY KEY,
      name         TEXT NOT NULL,
      version      TEXT,
      spec         TEXT NOT NULL,
      created_at   INTEGER NOT NULL
    ) WITHOUT ROWID
    ;
INSERT INTO "definitions" VALUES('3bd3b9f97e1e4fa322deb429d4c5a9a8','wide',NULL,'{"name":"wide","outputs":{"last":{"var":"steps.s69.output.n"}},"steps":[{"fn":"work","id":"s0","input":{"n":0}},{"fn":"work","id":"s1","input":{"n":1}},{"fn":"work","id":"s2","input":{"n":2}},{"fn":"work","id":"s3","input":{"n":3}},{"fn":"work","id":"s4","input":{"n":4}},{"fn":"work","id":"s5","input":{"n":5}},{"fn":"work","id":"s6","input":{"n":6}},{"fn":"work","id":"s7","input":{"n":7}},{"fn":"work","id":"s8","input":{"n":8}},{"fn":"work","id":"s9","input":{"n":9}},{"fn":"work","id":"s10","input":{"n":10}},{"fn":"work","id":"s11","input":{"n":11}},{"fn":"work","id":"s12","input":{"n":12}},{"fn":"work","id":"s13","input":{"n":13}},{"fn":"work","id":"s14","input":{"n":14}},{"fn":"work","id":"s15","input":{"n":15}},{"fn":"work","id":"s16","input":{"n":16}},{"fn":"work","id":"s17","input":{"n":17}},{"fn":"work","id":"s18","input":{"n":18}},{"fn":"work","id":"s19","input":{"n":19}},{"fn":"work","id":"s20","input":{"n":20}},{"fn":"work","id":"s21","input":{"n":21}},{"fn":"work","id":"s22","input":{"n":22}},{"fn":"work","id":"s23","input":{"n":23}},{"fn":"work","id":"s24","input":{"n":24}},{"fn":"work","id":"s25","input":{"n":25}},{"fn":"work","id":"s26","input":{"n":26}},{"fn":"work","id":"s27","input":{"n":27}},{"fn":"work","id":"s28","input":{"n":28}},{"fn":"work","id":"s29","input":{"n":29}},{"fn":"work","id":"s30","input":{"n":30}},{"fn":"work","id":"s31","input":{"n":31}},{"fn":"work","id":"s32","input":{"n":32}},{"fn":"work","id":"s33","input":{"n":33}},{"fn":"work","id":"s34","input":{"n":34}},{"fn":"work","id":"s35","input":{"n":35}},{"fn":"work","id":"s36","input":{"n":36}},{"fn":"work","id":"s37","input":{"n":37}},{"fn":"work","id":"s38","input":{"n":38}},{"fn":"work","id":"s39","input":{"n":39}},{"fn":"work","id":"s40","input":{"n":40}},{"fn":"work","id":"s41","input":{"n":41}},{"fn":"work","id":"s42","input":{"n":42}},{"fn":"work","id":"s43","input":{"n":43}},{"fn":"work","id":"s44","input":{"n":44}},{"fn":"work","id":"s45","input":{"n":45}},{"fn":"work","id":"s46","input":{"n":46}},{"fn":"work","id":"s47","input":{"n":47}},{"fn":"work","id":"s48","input":{"n":48}},{"fn":"work","id":"s49","input":{"n":49}},{"fn":"work","id":"s50","input":{"n":50}},{"fn":"work","id":"s51","input":{"n":51}},{"fn":"work","id":"s52","input":{"n":52}},{"fn":"work","id":"s53","input":{"n":53}},{"fn":"work","id":"s54","input":{"n":54}},{"fn":"work","id":"s55","input":{"n":55}},{"fn":"work","id":"s56","input":{"n":56}},{"fn":"work","id":"s57","input":{"n":57}},{"fn":"work","id":"s58","input":{"n":58}},{"fn":"work","id":"s59","input":{"n":59}},{"fn":"work","id":"s60","input":{"n":60}},{"fn":"work","id":"s61","input":{"n":61}},{"fn":"work","id":"s62","input":{"n":62}},{"fn":"work","id":"s63","input":{"n":63}},{"fn":"work","id":"s64","input":{"n":64}},{"fn":"work","id":"s65","input":{"n":65}},{"fn":"work","id":"s66","input":{"n":66}},{"fn":"work","id":"s67","input":{"n":67}},{"fn":"work","id":"s68","input":{"n":68}},{"fn":"work","id":"s69","input":{"n":69}}]}',1767323100678);
INSERT INTO "definitions" VALUES('4addc1050d63941cb0c6d28e211bd851','diamond',NULL,'{"labels":{"team":"shop"},"name":"diamond","outputs":{"b":{"var":"steps.b.output.n"},"c":{"var":"steps.c.output.n"}},"steps":[{"fn":"work","id":"a","input":{"n":{"var":"input.n"}}},{"depends_on":["a"],"fn":"work","id":"b","input":{"n":{"var":"steps.a.output.n"}}},{"depends_on":["a"],"fn":"flaky","id":"c","retry":{"delay":5,"max_attempts":3}},{"depends_on":["b","c"],"fn":"work","id":"d"}]}',1767323052678);
INSERT INTO "definitions" VALUES('6420cd233e6e34dd6f01d29fe0a0cc59','handled',NULL,'{"name":"handled","outputs":{"error":{"var":"steps.a.output.error.type"}},"steps":[{"branch":[{"action":"complete","condition":{"==":[{"var":"ok"},false]}}],"fn":"fails","id":"a"},{"depends_on":["a"],"fn":"work","id":"b"}]}',1767323070678);
INSERT INTO "definitions" VALUES('71eea76e2ceee6f90a137098e7735de0','repeated',NULL,'{"name":"repeated","outputs":{"n":{"var":"state.n"}},"steps":[{"fn":"work","id":"a"},{"depends_on":["a"],"fn":"work","id":"b"},{"depends_on":["b"],"fn":"work","id":"c"}]}',1767323094678);
INSERT INTO "definitions" VALUES('93d30ded5ec7b95e1eff7ca760dcd46c','fails',NULL,'{"name":"fails","steps":[{"fn":"fails","id":"a"},{"depends_on":["a"],"id":"b"}]}',1767323064678);
INSERT INTO "definitions" VALUES('c23b1b8d067afb9b2c734b69c7e242d9','chain',NULL,'{"name":"chain","outputs":{"n":{"var":"state.n"}},"steps":[{"fn":"work","id":"a"},{"depends_on":["a"],"fn":"work","id":"b"},{"depends_on":["b"],"fn":"work","id":"c"}]}',1767323046678);
INSERT INTO "definitions" VALUES('d5d44ee6c0ca96908e7437e491e05527','unicode',NULL,'{"labels":{"k":"\u00e9\ud83e\udd8a"},"name":"unicode","outputs":{"text":{"var":"steps.a.output.text"}},"steps":[{"fn":"work","id":"a","input":{"text":"\u2028\u202e''\";--\\"}}]}',1767323088678);
INSERT INTO "definitions" VALUES('d8ed85c539bd196b3dbe2f79c6ca6dec','poll',NULL,'{"name":"poll","outputs":{"turns":{"var":"steps.ask.output.turn"}},"steps":[{"branch":[{"action":{"set":"ask"},"condition":{"!":[{"var":"ready"}]}},{"action":"complete","condition":true}],"fn":"poll","id":"ask"},{"depends_on":["ask"],"fn":"work","id":"after"}]}',1767323058678);
INSERT INTO "definitions" VALUES('dc575ee254c95bd39cbf5cc3c27387c5','chosen',NULL,'{"name":"chosen","outputs":{"n":{"var":"steps.b.output.n"}},"steps":[{"fn":"work","id":"a"},{"branch":[{"action":"fail","condition":{">":[{"var":"n"},100]},"result":{"type":"Large"}},{"action":"complete","condition":true}],"depends_on":["a"],"fn":"work","id":"b"}]}',1767323082678);
INSERT INTO "definitions" VALUES('f0c5e16cef0b0a48006d95cf09a5f51b','halts',NULL,'{"name":"halts","steps":[{"branch":[{"action":"halt","condition":true,"result":{"why":1}}],"fn":"work","id":"a"},{"fn":"work","id":"b"},{"depends_on":["a","b"],"fn":"work","id":"c"}]}',1767323076678);
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
INSERT INTO "executions" VALUES(1,'chain-1','c23b1b8d067afb9b2c734b69c7e242d9','chain','{}','2bfd14f43d17fc7cea24e0917a8879b4',1767323046678,2,'w-ca0219f25ddc4cde-1','in_progress',NULL,1767323046678,NULL,NULL,1,0,0,27,0,0);
INSERT INTO "executions" VALUES(2,'chain-2','c23b1b8d067afb9b2c734b69c7e242d9','chain','{}','2bfd14f43d17fc7cea24e0917a8879b4',1767323047678,2,'w-ca0219f25ddc4cde-3','in_progress',NULL,1767323047678,NULL,NULL,1,0,0,27,1,0);
INSERT INTO "executions" VALUES(3,'chain-3','c23b1b8d067afb9b2c734b69c7e242d9','chain','{}','2bfd14f43d17fc7cea24e0917a8879b4',1767323048678,3,'w-ca0219f25ddc4cde-6','in_progress',NULL,1767323048678,NULL,NULL,1,0,0,102,2,2);
INSERT INTO "executions" VALUES(4,'chain-5','c23b1b8d067afb9b2c734b69c7e242d9','chain','{}','2bfd14f43d17fc7cea24e0917a8879b4',1767323049678,4,'w-ca0219f25ddc4cde-10','in_progress',NULL,1767323049678,NULL,NULL,1,0,0,177,4,4);
INSERT INTO "executions" VALUES(5,'chain-8','c23b1b8d067afb9b2c734b69c7e242d9','chain','{}','2bfd14f43d17fc7cea24e0917a8879b4',1767323050678,5,'w-ca0219f25ddc4cde-15','complete',NULL,1767323050678,1767323050678,NULL,1,0,0,260,7,7);
INSERT INTO "executions" VALUES(6,'chain-20','c23b1b8d067afb9b2c734b69c7e242d9','chain','{}','2bfd14f43d17fc7cea24e0917a8879b4',1767323051678,5,'w-ca0219f25ddc4cde-20','complete',NULL,1767323051678,1767323051678,NULL,1,5,557,0,10,10);
INSERT INTO "executions" VALUES(7,'diamond-1','4addc1050d63941cb0c6d28e211bd851','diamond','{"team":"shop"}','2bfd14f43d17fc7cea24e0917a8879b4',1767323052678,2,'w-ca0219f25ddc4cde-22','in_progress',NULL,1767323052678,NULL,NULL,1,0,0,32,0,0);
INSERT INTO "executions" VALUES(8,'diamond-2','4addc1050d63941cb0c6d28e211bd851','diamond','{"team":"shop"}','2bfd14f43d17fc7cea24e0917a8879b4',1767323053678,2,'w-ca0219f25ddc4cde-24','in_progress',NULL,1767323053678,NULL,NULL,1,0,0,32,11,0);
INSERT INTO "executions" VALUES(9,'diamond-3','4addc1050d63941cb0c6d28e211bd851','diamond','{"team":"shop"}','2bfd14f43d17fc7cea24e0917a8879b4',1767323054678,3,'w-ca0219f25ddc4cde-27','in_progress',NULL,1767323054678,NULL,NULL,1,0,0,138,12,12);
INSERT INTO "executions" VALUES(10,'diamond-5','4addc1050d63941cb0c6d28e211bd851','diamond','{"team":"shop"}','2bfd14f43d17fc7cea24e0917a8879b4',1767323055678,4,'w-ca0219f25ddc4cde-31','in_progress',1767323060678,1767323055678,NULL,NULL,1,4,556,0,15,15);
INSERT INTO "executions" VALUES(11,'diamond-8','4addc1050d63941cb0c6d28e211bd851','diamond','{"team":"shop"}','2bfd14f43d17fc7cea24e0917a8879b4',1767323056678,4,'w-ca0219f25ddc4cde-35','in_progress',1767323061678,1767323056678,NULL,NULL,1,0,0,258,18,18);
INSERT INTO "executions" VALUES(12,'diamond-20','4addc1050d63941cb0c6d28e211bd851','diamond','{"team":"shop"}','2bfd14f43d17fc7cea24e0917a8879b4',1767323057678,4,'w-ca0219f25ddc4cde-39','in_progress',1767323062678,1767323057678,NULL,NULL,1,4,557,0,21,21);
INSERT INTO "executions" VALUES(13,'poll-1','d8ed85c539bd196b3dbe2f79c6ca6dec','poll','{}','2bfd14f43d17fc7cea24e0917a8879b4',1767323058678,2,'w-ca0219f25ddc4cde-41','in_progress',NULL,1767323058678,NULL,NULL,1,0,0,29,0,0);
INSERT INTO "executions" VALUES(14,'poll-2','d8ed85c539bd196b3dbe2f79c6ca6dec','poll','{}','2bfd14f43d17fc7cea24e0917a8879b4',1767323059678,2,'w-ca0219f25ddc4cde-43','in_progress',NULL,1767323059678,NULL,NULL,1,0,0,29,22,0);
INSERT INTO "executions" VALUES(15,'poll-3','d8ed85c539bd196b3dbe2f79c6ca6dec','poll','{}','2bfd14f43d17fc7cea24e0917a8879b4',1767323060678,3,'w-ca0219f25ddc4cde-46','in_progress',NULL,1767323060678,NULL,NULL,1,0,0,137,23,23);
INSERT INTO "executions" VALUES(16,'poll-5','d8ed85c539bd196b3dbe2f79c6ca6dec','poll','{}','2bfd14f43d17fc7cea24e0917a8879b4',1767323061678,4,'w-ca0219f25ddc4cde-50','in_progress',NULL,1767323061678,NULL,NULL,1,4,315,0,25,25);
INSERT INTO "executions" VALUES(17,'poll-8','d8ed85c539bd196b3dbe2f79c6ca6dec','poll','{}','2bfd14f43d17fc7cea24e0917a8879b4',1767323062678,5,'w-ca0219f25ddc4cde-55','in_progress',NULL,1767323062678,NULL,NULL,1,0,0,353,29,28);
INSERT INTO "executions" VALUES(18,'poll-20','d8ed85c539bd196b3dbe2f79c6ca6dec','poll','{}','2bfd14f43d17fc7cea24e0917a8879b4',1767323063678,7,'w-ca0219f25ddc4cde-62','complete',NULL,1767323063678,1767323063678,NULL,1,4,316,276,34,34);
INSERT INTO "executions" VALUES(19,'fails-1','93d30ded5ec7b95e1eff7ca760dcd46c','fails','{}','2bfd14f43d17fc7cea24e0917a8879b4',1767323064678,2,'w-ca0219f25ddc4cde-64','in_progress',NULL,1767323064678,NULL,NULL,1,0,0,27,0,0);
INSERT INTO "executions" VALUES(20,'fails-2','93d30ded5ec7b95e1eff7ca760dcd46c','fails','{}','2bfd14f43d17fc7cea24e0917a8879b4',1767323065678,2,'w-ca0219f25ddc4cde-66','in_progress',NULL,1767323065678,NULL,NULL,1,0,0,27,35,0);
INSERT INTO "executions" VALUES(21,'fails-3','93d30ded5ec7b95e1eff7ca760dcd46c','fails','{}','2bfd14f43d17fc7cea24e0917a8879b4',1767323066678,3,'w-ca0219f25ddc4cde-69','failed',NULL,1767323066678,1767323066678,'Broken',1,0,0,172,36,36);
INSERT INTO "executions" VALUES(22,'fails-5','93d30ded5ec7b95e1eff7ca760dcd46c','fails','{}','2bfd14f43d17fc7cea24e0917a8879b4',1767323067678,3,'w-ca0219f25ddc4cde-72','failed',NULL,1767323067678,1767323067678,'Broken',1,0,0,172,37,37);
INSERT INTO "executions" VALUES(23,'fails-8','93d30ded5ec7b95e1eff7ca760dcd46c','fails','{}','2bfd14f43d17fc7cea24e0917a8879b4',1767323068678,3,'w-ca0219f25ddc4cde-75','failed',NULL,1767323068678,1767323068678,'Broken',1,0,0,172,38,38);
INSERT INTO "executions" VALUES(24,'fails-20','93d30ded5ec7b95e1eff7ca760dcd46c','fails','{}','2bfd14f43d17fc7cea24e0917a8879b4',1767323069678,3,'w-ca0219f25ddc4cde-78','failed',NULL,1767323069678,1767323069678,'Broken',1,0,0,172,39,39);
INSERT INTO "executions" VALUES(25,'handled-1','6420cd233e6e34dd6f01d29fe0a0cc59','handled','{}','2bfd14f43d17fc7cea24e0917a8879b4',1767323070678,2,'w-ca0219f25ddc4cde-80','in_progress',NULL,1767323070678,NULL,NULL,1,0,0,27,0,0);
INSERT INTO "executions" VALUES(26,'handled-2','6420cd233e6e34dd6f01d29fe0a0cc59','handled','{}','2bfd14f43d17fc7cea24e0917a8879b4',1767323071678,2,'w-ca0219f25ddc4cde-82','in_progress',NULL,1767323071678,NULL,NULL,1,0,0,27,40,0);
INSERT INTO "executions" VALUES(27,'handled-3','6420cd233e6e34dd6f01d29fe0a0cc59','handled','{}','2bfd14f43d17fc7cea24e0917a8879b4',1767323072678,3,'w-ca0219f25ddc4cde-85','in_progress',NULL,1767323072678,NULL,NULL,1,0,0,109,41,41);
INSERT INTO "executions" VALUES(28,'handled-5','6420cd233e6e34dd6f01d29fe0a0cc59','handled','{}','2bfd14f43d17fc7cea24e0917a8879b4',1767323073678,4,'w-ca0219f25ddc4cde-89','complete',NULL,1767323073678,1767323073678,NULL,1,4,535,0,43,43);
INSERT INTO "executions" VALUES(29,'handled-8','6420cd233e6e34dd6f01d29fe0a0cc59','handled','{}','2bfd14f43d17fc7cea24e0917a8879b4',1767323074678,4,'w-ca0219f25ddc4cde-93','complete',NULL,1767323074678,1767323074678,NULL,1,0,0,203,45,45);
INSERT INTO "executions" VALUES(30,'handled-20','6420cd233e6e34dd6f01d29fe0a0cc59','handled','{}','2bfd14f43d17fc7cea24e0917a8879b4',1767323075678,4,'w-ca0219f25ddc4cde-97','complete',NULL,1767323075678,1767323075678,NULL,1,4,536,0,47,47);
INSERT INTO "executions" VALUES(31,'halts-1','f0c5e16cef0b0a48006d95cf09a5f51b','halts','{}','2bfd14f43d17fc7cea24e0917a8879b4',1767323076678,2,'w-ca0219f25ddc4cde-99','in_progress',NULL,1767323076678,NULL,NULL,1,0,0,53,0,0);
INSERT INTO "executions" VALUES(32,'halts-2','f0c5e16cef0b0a48006d95cf09a5f51b','halts','{}','2bfd14f43d17fc7cea24e0917a8879b4',1767323077678,2,'w-ca0219f25ddc4cde-101','in_progress',NULL,1767323077678,NULL,NULL,1,0,0,53,49,0);
INSERT INTO "executions" VALUES(33,'halts-3','f0c5e16cef0b0a48006d95cf09a5f51b','halts','{}','2bfd14f43d17fc7cea24e0917a8879b4',1767323078678,3,'w-ca0219f25ddc4cde-104','halted',NULL,1767323078678,1767323078678,NULL,1,0,0,223,51,51);
INSERT INTO "executions" VALUES(34,'halts-5','f0c5e16cef0b0a48006d95cf09a5f51b','halts','{}','2bfd14f43d17fc7cea24e0917a8879b4',1767323079678,3,'w-ca0219f25ddc4cde-107','halted',NULL,1767323079678,1767323079678,NULL,1,3,463,0,53,53);
INSERT INTO "executions" VALUES(35,'halts-8','f0c5e16cef0b0a48006d95cf09a5f51b','halts','{}','2bfd14f43d17fc7cea24e0917a8879b4',1767323080678,3,'w-ca0219f25ddc4cde-110','halted',NULL,1767323080678,1767323080678,NULL,1,0,0,223,55,55);
INSERT INTO "executions" VALUES(36,'halts-20','f0c5e16cef0b0a48006d95cf09a5f51b','halts','{}','2bfd14f43d17fc7cea24e0917a8879b4',1767323081678,3,'w-ca0219f25ddc4cde-113','halted',NULL,1767323081678,1767323081678,NULL,1,3,464,0,57,57);
INSERT INTO "executions" VALUES(37,'chosen-1','dc575ee254c95bd39cbf5cc3c27387c5','chosen','{}','2bfd14f43d17fc7cea24e0917a8879b4',1767323082678,2,'w-ca0219f25ddc4cde-115','in_progress',NULL,1767323082678,NULL,NULL,1,0,0,27,0,0);
INSERT INTO "executions" VALUES(38,'chosen-2','dc575ee254c95bd39cbf5cc3c27387c5','chosen','{}','2bfd14f43d17fc7cea24e0917a8879b4',1767323083678,2,'w-ca0219f25ddc4cde-117','in_progress',NULL,1767323083678,NULL,NULL,1,0,0,27,58,0);
INSERT INTO "executions" VALUES(39,'chosen-3','dc575ee254c95bd39cbf5cc3c27387c5','chosen','{}','2bfd14f43d17fc7cea24e0917a8879b4',1767323084678,3,'w-ca0219f25ddc4cde-120','in_progress',NULL,1767323084678,NULL,NULL,1,0,0,102,59,59);
INSERT INTO "executions" VALUES(40,'chosen-5','dc575ee254c95bd39cbf5cc3c27387c5','chosen','{}','2bfd14f43d17fc7cea24e0917a8879b4',1767323085678,4,'w-ca0219f25ddc4cde-124','complete',NULL,1767323085678,1767323085678,NULL,1,0,0,185,61,61);
INSERT INTO "executions" VALUES(41,'chosen-8','dc575ee254c95bd39cbf5cc3c27387c5','chosen','{}','2bfd14f43d17fc7cea24e0917a8879b4',1767323086678,4,'w-ca0219f25ddc4cde-128','complete',NULL,1767323086678,1767323086678,NULL,1,0,0,185,63,63);
INSERT INTO "executions" VALUES(42,'chosen-20','dc575ee254c95bd39cbf5cc3c27387c5','chosen','{}','2bfd14f43d17fc7cea24e0917a8879b4',1767323087678,4,'w-ca0219f25ddc4cde-132','complete',NULL,1767323087678,1767323087678,NULL,1,0,0,185,65,65);
INSERT INTO "executions" VALUES(43,'unicode-1','d5d44ee6c0ca96908e7437e491e05527','unicode','{"k":"\u00e9\ud83e\udd8a"}','2bfd14f43d17fc7cea24e0917a8879b4',1767323088678,2,'w-ca0219f25ddc4cde-134','in_progress',NULL,1767323088678,NULL,NULL,1,0,0,56,0,0);
INSERT INTO "executions" VALUES(44,'unicode-2','d5d44ee6c0ca96908e7437e491e05527','unicode','{"k":"\u00e9\ud83e\udd8a"}','2bfd14f43d17fc7cea24e0917a8879b4',1767323089678,2,'w-ca0219f25ddc4cde-136','in_progress',NULL,1767323089678,NULL,NULL,1,0,0,56,66,0);
INSERT INTO "executions" VALUES(45,'unicode-3','d5d44ee6c0ca96908e7437e491e05527','unicode','{"k":"\u00e9\ud83e\udd8a"}','2bfd14f43d17fc7cea24e0917a8879b4',1767323090678,3,'w-ca0219f25ddc4cde-139','complete',NULL,1767323090678,1767323090678,NULL,1,0,0,183,67,67);
INSERT INTO "executions" VALUES(46,'unicode-5','d5d44ee6c0ca96908e7437e491e05527','unicode','{"k":"\u00e9\ud83e\udd8a"}','2bfd14f43d17fc7cea24e0917a8879b4',1767323091678,3,'w-ca0219f25ddc4cde-142','complete',NULL,1767323091678,1767323091678,NULL,1,0,0,183,68,68);
INSERT INTO "executions" VALUES(47,'unicode-8','d5d44ee6c0ca96908e7437e491e05527','unicode','{"k":"\u00e9\ud83e\udd8a"}','2bfd14f43d17fc7cea24e0917a8879b4',1767323092678,3,'w-ca0219f25ddc4cde-145','complete',NULL,1767323092678,1767323092678,NULL,1,0,0,183,69,69);
INSERT INTO "executions" VALUES(48,'unicode-20','d5d44ee6c0ca96908e7437e491e05527','unicode','{"k":"\u00e9\ud83e\udd8a"}','2bfd14f43d17fc7cea24e0917a8879b4',1767323093678,3,'w-ca0219f25ddc4cde-148','complete',NULL,1767323093678,1767323093678,NULL,1,0,0,183,70,70);
INSERT INTO "executions" VALUES(49,'repeated-1','71eea76e2ceee6f90a137098e7735de0','repeated','{}','2bfd14f43d17fc7cea24e0917a8879b4',1767323094678,2,'w-ca0219f25ddc4cde-150','in_progress',NULL,1767323094678,NULL,NULL,1,0,0,27,0,0);
INSERT INTO "executions" VALUES(50,'repeated-2','71eea76e2ceee6f90a137098e7735de0','repeated','{}','2bfd14f43d17fc7cea24e0917a8879b4',1767323095678,2,'w-ca0219f25ddc4cde-152','in_progress',NULL,1767323095678,NULL,NULL,1,0,0,27,71,0);
INSERT INTO "executions" VALUES(51,'repeated-3','71eea76e2ceee6f90a137098e7735de0','repeated','{}','2bfd14f43d17fc7cea24e0917a8879b4',1767323096678,3,'w-ca0219f25ddc4cde-155','in_progress',NULL,1767323096678,NULL,NULL,1,0,0,102,72,72);
INSERT INTO "executions" VALUES(52,'repeated-5','71eea76e2ceee6f90a137098e7735de0','repeated','{}','2bfd14f43d17fc7cea24e0917a8879b4',1767323097678,4,'w-ca0219f25ddc4cde-159','in_progress',NULL,1767323097678,NULL,NULL,1,0,0,177,75,74);
INSERT INTO "executions" VALUES(53,'repeated-8','71eea76e2ceee6f90a137098e7735de0','repeated','{}','2bfd14f43d17fc7cea24e0917a8879b4',1767323098678,5,'w-ca0219f25ddc4cde-164','complete',NULL,1767323098678,1767323098678,NULL,1,0,0,307,80,79);
INSERT INTO "executions" VALUES(54,'repeated-20','71eea76e2ceee6f90a137098e7735de0','repeated','{}','2bfd14f43d17fc7cea24e0917a8879b4',1767323099678,6,'w-ca0219f25ddc4cde-170','complete',NULL,1767323099678,1767323099678,NULL,1,5,588,52,85,85);
INSERT INTO "executions" VALUES(55,'wide-3','3bd3b9f97e1e4fa322deb429d4c5a9a8','wide','{}','2bfd14f43d17fc7cea24e0917a8879b4',1767323100678,3,'w-ca0219f25ddc4cde-173','complete',NULL,1767323100678,1767323100678,NULL,1,0,0,5951,155,155);
CREATE TABLE facts (
      execution  INTEGER NOT NULL,
      revision   INTEGER NOT NULL,
      at         INTEGER NOT NULL,
      facts      TEXT NOT NULL,
      PRIMARY KEY (execution, revision)
    ) WITHOUT ROWID
    ;
INSERT INTO "facts" VALUES(1,1,1767323046678,'[["created","c23b1b8d067afb9b2c734b69c7e242d9",{"n":1}]]');
INSERT INTO "facts" VALUES(1,2,1767323046678,'[["dispatched","a",0,1,{}]]');
INSERT INTO "facts" VALUES(2,1,1767323047678,'[["created","c23b1b8d067afb9b2c734b69c7e242d9",{"n":1}]]');
INSERT INTO "facts" VALUES(2,2,1767323047678,'[["dispatched","a",0,1,{}]]');
INSERT INTO "facts" VALUES(3,1,1767323048678,'[["created","c23b1b8d067afb9b2c734b69c7e242d9",{"n":1}]]');
INSERT INTO "facts" VALUES(3,2,1767323048678,'[["dispatched","a",0,1,{}]]');
INSERT INTO "facts" VALUES(3,3,1767323048678,'[["succeeded","a",0,{"n":1,"ok":true,"text":""}],["dispatched","b",0,1,{}]]');
INSERT INTO "facts" VALUES(4,1,1767323049678,'[["created","c23b1b8d067afb9b2c734b69c7e242d9",{"n":1}]]');
INSERT INTO "facts" VALUES(4,2,1767323049678,'[["dispatched","a",0,1,{}]]');
INSERT INTO "facts" VALUES(4,3,1767323049678,'[["succeeded","a",0,{"n":1,"ok":true,"text":""}],["dispatched","b",0,1,{}]]');
INSERT INTO "facts" VALUES(4,4,1767323049678,'[["succeeded","b",0,{"n":1,"ok":true,"text":""}],["dispatched","c",0,1,{}]]');
INSERT INTO "facts" VALUES(5,1,1767323050678,'[["created","c23b1b8d067afb9b2c734b69c7e242d9",{"n":1}]]');
INSERT INTO "facts" VALUES(5,2,1767323050678,'[["dispatched","a",0,1,{}]]');
INSERT INTO "facts" VALUES(5,3,1767323050678,'[["succeeded","a",0,{"n":1,"ok":true,"text":""}],["dispatched","b",0,1,{}]]');
INSERT INTO "facts" VALUES(5,4,1767323050678,'[["succeeded","b",0,{"n":1,"ok":true,"text":""}],["dispatched","c",0,1,{}]]');
INSERT INTO "facts" VALUES(5,5,1767323050678,'[["succeeded","c",0,{"n":1,"ok":true,"text":""}],["ended","complete",{"n":1},null]]');
INSERT INTO "facts" VALUES(6,1,1767323051678,'[["created","c23b1b8d067afb9b2c734b69c7e242d9",{"n":1}]]');
INSERT INTO "facts" VALUES(6,2,1767323051678,'[["dispatched","a",0,1,{}]]');
INSERT INTO "facts" VALUES(6,3,1767323051678,'[["succeeded","a",0,{"n":1,"ok":true,"text":""}],["dispatched","b",0,1,{}]]');
INSERT INTO "facts" VALUES(6,4,1767323051678,'[["succeeded","b",0,{"n":1,"ok":true,"text":""}],["dispatched","c",0,1,{}]]');
INSERT INTO "facts" VALUES(6,5,1767323051678,'[["succeeded","c",0,{"n":1,"ok":true,"text":""}],["ended","complete",{"n":1},null]]');
INSERT INTO "facts" VALUES(7,1,1767323052678,'[["created","4addc1050d63941cb0c6d28e211bd851",{"n":1}]]');
INSERT INTO "facts" VALUES(7,2,1767323052678,'[["dispatched","a",0,1,{"n":1}]]');
INSERT INTO "facts" VALUES(8,1,1767323053678,'[["created","4addc1050d63941cb0c6d28e211bd851",{"n":1}]]');
INSERT INTO "facts" VALUES(8,2,1767323053678,'[["dispatched","a",0,1,{"n":1}]]');
INSERT INTO "facts" VALUES(9,1,1767323054678,'[["created","4addc1050d63941cb0c6d28e211bd851",{"n":1}]]');
INSERT INTO "facts" VALUES(9,2,1767323054678,'[["dispatched","a",0,1,{"n":1}]]');
INSERT INTO "facts" VALUES(9,3,1767323054678,'[["succeeded","a",0,{"n":2,"ok":true,"text":""}],["dispatched","b",0,1,{"n":2}],["dispatched","c",0,1,{}]]');
INSERT INTO "facts" VALUES(10,1,1767323055678,'[["created","4addc1050d63941cb0c6d28e211bd851",{"n":1}]]');
INSERT INTO "facts" VALUES(10,2,1767323055678,'[["dispatched","a",0,1,{"n":1}]]');
INSERT INTO "facts" VALUES(10,3,1767323055678,'[["succeeded","a",0,{"n":2,"ok":true,"text":""}],["dispatched","b",0,1,{"n":2}],["dispatched","c",0,1,{}]]');
INSERT INTO "facts" VALUES(10,4,1767323055678,'[["succeeded","b",0,{"n":3,"ok":true,"text":""}],["retrying","c",0,{"type":"Broken","message":"not yet"},1767323060678]]');
INSERT INTO "facts" VALUES(11,1,1767323056678,'[["created","4addc1050d63941cb0c6d28e211bd851",{"n":1}]]');
INSERT INTO "facts" VALUES(11,2,1767323056678,'[["dispatched","a",0,1,{"n":1}]]');
INSERT INTO "facts" VALUES(11,3,1767323056678,'[["succeeded","a",0,{"n":2,"ok":true,"text":""}],["dispatched","b",0,1,{"n":2}],["dispatched","c",0,1,{}]]');
INSERT INTO "facts" VALUES(11,4,1767323056678,'[["succeeded","b",0,{"n":3,"ok":true,"text":""}],["retrying","c",0,{"type":"Broken","message":"not yet"},1767323061678]]');
INSERT INTO "facts" VALUES(12,1,1767323057678,'[["created","4addc1050d63941cb0c6d28e211bd851",{"n":1}]]');
INSERT INTO "facts" VALUES(12,2,1767323057678,'[["dispatched","a",0,1,{"n":1}]]');
INSERT INTO "facts" VALUES(12,3,1767323057678,'[["succeeded","a",0,{"n":2,"ok":true,"text":""}],["dispatched","b",0,1,{"n":2}],["dispatched","c",0,1,{}]]');
INSERT INTO "facts" VALUES(12,4,1767323057678,'[["succeeded","b",0,{"n":3,"ok":true,"text":""}],["retrying","c",0,{"type":"Broken","message":"not yet"},1767323062678]]');
INSERT INTO "facts" VALUES(13,1,1767323058678,'[["created","d8ed85c539bd196b3dbe2f79c6ca6dec",{"n":1}]]');
INSERT INTO "facts" VALUES(13,2,1767323058678,'[["dispatched","ask",0,1,{}]]');
INSERT INTO "facts" VALUES(14,1,1767323059678,'[["created","d8ed85c539bd196b3dbe2f79c6ca6dec",{"n":1}]]');
INSERT INTO "facts" VALUES(14,2,1767323059678,'[["dispatched","ask",0,1,{}]]');
INSERT INTO "facts" VALUES(15,1,1767323060678,'[["created","d8ed85c539bd196b3dbe2f79c6ca6dec",{"n":1}]]');
INSERT INTO "facts" VALUES(15,2,1767323060678,'[["dispatched","ask",0,1,{}]]');
INSERT INTO "facts" VALUES(15,3,1767323060678,'[["succeeded","ask",0,{"ready":false,"turn":0}],["reset","ask",["ask"],["ask"]],["dispatched","ask",1,1,{}]]');
INSERT INTO "facts" VALUES(16,1,1767323061678,'[["created","d8ed85c539bd196b3dbe2f79c6ca6dec",{"n":1}]]');
INSERT INTO "facts" VALUES(16,2,1767323061678,'[["dispatched","ask",0,1,{}]]');
INSERT INTO "facts" VALUES(16,3,1767323061678,'[["succeeded","ask",0,{"ready":false,"turn":0}],["reset","ask",["ask"],["ask"]],["dispatched","ask",1,1,{}]]');
INSERT INTO "facts" VALUES(16,4,1767323061678,'[["succeeded","ask",1,{"ready":false,"turn":1}],["reset","ask",["ask"],["ask"]],["dispatched","ask",2,1,{}]]');
INSERT INTO "facts" VALUES(17,1,1767323062678,'[["created","d8ed85c539bd196b3dbe2f79c6ca6dec",{"n":1}]]');
INSERT INTO "facts" VALUES(17,2,1767323062678,'[["dispatched","ask",0,1,{}]]');
INSERT INTO "facts" VALUES(17,3,1767323062678,'[["succeeded","ask",0,{"ready":false,"turn":0}],["reset","ask",["ask"],["ask"]],["dispatched","ask",1,1,{}]]');
INSERT INTO "facts" VALUES(17,4,1767323062678,'[["succeeded","ask",1,{"ready":false,"turn":1}],["reset","ask",["ask"],["ask"]],["dispatched","ask",2,1,{}]]');
INSERT INTO "facts" VALUES(17,5,1767323062678,'[["succeeded","ask",2,{"ready":false,"turn":2}],["reset","ask",["ask"],["ask"]],["dispatched","ask",3,1,{}]]');
INSERT INTO "facts" VALUES(18,1,1767323063678,'[["created","d8ed85c539bd196b3dbe2f79c6ca6dec",{"n":1}]]');
INSERT INTO "facts" VALUES(18,2,1767323063678,'[["dispatched","ask",0,1,{}]]');
INSERT INTO "facts" VALUES(18,3,1767323063678,'[["succeeded","ask",0,{"ready":false,"turn":0}],["reset","ask",["ask"],["ask"]],["dispatched","ask",1,1,{}]]');
INSERT INTO "facts" VALUES(18,4,1767323063678,'[["succeeded","ask",1,{"ready":false,"turn":1}],["reset","ask",["ask"],["ask"]],["dispatched","ask",2,1,{}]]');
INSERT INTO "facts" VALUES(18,5,1767323063678,'[["succeeded","ask",2,{"ready":false,"turn":2}],["reset","ask",["ask"],["ask"]],["dispatched","ask",3,1,{}]]');
INSERT INTO "facts" VALUES(18,6,1767323063678,'[["succeeded","ask",3,{"ready":true,"turn":3}],["dispatched","after",0,1,{}]]');
INSERT INTO "facts" VALUES(18,7,1767323063678,'[["succeeded","after",0,{"n":1,"ok":true,"text":""}],["ended","complete",{"turns":3},null]]');
INSERT INTO "facts" VALUES(19,1,1767323064678,'[["created","93d30ded5ec7b95e1eff7ca760dcd46c",{"n":1}]]');
INSERT INTO "facts" VALUES(19,2,1767323064678,'[["dispatched","a",0,1,{}]]');
INSERT INTO "facts" VALUES(20,1,1767323065678,'[["created","93d30ded5ec7b95e1eff7ca760dcd46c",{"n":1}]]');
INSERT INTO "facts" VALUES(20,2,1767323065678,'[["dispatched","a",0,1,{}]]');
INSERT INTO "facts" VALUES(21,1,1767323066678,'[["created","93d30ded5ec7b95e1eff7ca760dcd46c",{"n":1}]]');
INSERT INTO "facts" VALUES(21,2,1767323066678,'[["dispatched","a",0,1,{}]]');
INSERT INTO "facts" VALUES(21,3,1767323066678,'[["failed","a",{"type":"Broken","message":"it broke"}],["skipped","b"],["ended","failed",null,{"type":"Broken","message":"it broke","step":"a"}]]');
INSERT INTO "facts" VALUES(22,1,1767323067678,'[["created","93d30ded5ec7b95e1eff7ca760dcd46c",{"n":1}]]');
INSERT INTO "facts" VALUES(22,2,1767323067678,'[["dispatched","a",0,1,{}]]');
INSERT INTO "facts" VALUES(22,3,1767323067678,'[["failed","a",{"type":"Broken","message":"it broke"}],["skipped","b"],["ended","failed",null,{"type":"Broken","message":"it broke","step":"a"}]]');
INSERT INTO "facts" VALUES(23,1,1767323068678,'[["created","93d30ded5ec7b95e1eff7ca760dcd46c",{"n":1}]]');
INSERT INTO "facts" VALUES(23,2,1767323068678,'[["dispatched","a",0,1,{}]]');
INSERT INTO "facts" VALUES(23,3,1767323068678,'[["failed","a",{"type":"Broken","message":"it broke"}],["skipped","b"],["ended","failed",null,{"type":"Broken","message":"it broke","step":"a"}]]');
INSERT INTO "facts" VALUES(24,1,1767323069678,'[["created","93d30ded5ec7b95e1eff7ca760dcd46c",{"n":1}]]');
INSERT INTO "facts" VALUES(24,2,1767323069678,'[["dispatched","a",0,1,{}]]');
INSERT INTO "facts" VALUES(24,3,1767323069678,'[["failed","a",{"type":"Broken","message":"it broke"}],["skipped","b"],["ended","failed",null,{"type":"Broken","message":"it broke","step":"a"}]]');
INSERT INTO "facts" VALUES(25,1,1767323070678,'[["created","6420cd233e6e34dd6f01d29fe0a0cc59",{"n":1}]]');
INSERT INTO "facts" VALUES(25,2,1767323070678,'[["dispatched","a",0,1,{}]]');
INSERT INTO "facts" VALUES(26,1,1767323071678,'[["created","6420cd233e6e34dd6f01d29fe0a0cc59",{"n":1}]]');
INSERT INTO "facts" VALUES(26,2,1767323071678,'[["dispatched","a",0,1,{}]]');
INSERT INTO "facts" VALUES(27,1,1767323072678,'[["created","6420cd233e6e34dd6f01d29fe0a0cc59",{"n":1}]]');
INSERT INTO "facts" VALUES(27,2,1767323072678,'[["dispatched","a",0,1,{}]]');
INSERT INTO "facts" VALUES(27,3,1767323072678,'[["handled","a",{"type":"Broken","message":"it broke"}],["dispatched","b",0,1,{}]]');
INSERT INTO "facts" VALUES(28,1,1767323073678,'[["created","6420cd233e6e34dd6f01d29fe0a0cc59",{"n":1}]]');
INSERT INTO "facts" VALUES(28,2,1767323073678,'[["dispatched","a",0,1,{}]]');
INSERT INTO "facts" VALUES(28,3,1767323073678,'[["handled","a",{"type":"Broken","message":"it broke"}],["dispatched","b",0,1,{}]]');
INSERT INTO "facts" VALUES(28,4,1767323073678,'[["succeeded","b",0,{"n":1,"ok":true,"text":""}],["ended","complete",{"error":"Broken"},null]]');
INSERT INTO "facts" VALUES(29,1,1767323074678,'[["created","6420cd233e6e34dd6f01d29fe0a0cc59",{"n":1}]]');
INSERT INTO "facts" VALUES(29,2,1767323074678,'[["dispatched","a",0,1,{}]]');
INSERT INTO "facts" VALUES(29,3,1767323074678,'[["handled","a",{"type":"Broken","message":"it broke"}],["dispatched","b",0,1,{}]]');
INSERT INTO "facts" VALUES(29,4,1767323074678,'[["succeeded","b",0,{"n":1,"ok":true,"text":""}],["ended","complete",{"error":"Broken"},null]]');
INSERT INTO "facts" VALUES(30,1,1767323075678,'[["created","6420cd233e6e34dd6f01d29fe0a0cc59",{"n":1}]]');
INSERT INTO "facts" VALUES(30,2,1767323075678,'[["dispatched","a",0,1,{}]]');
INSERT INTO "facts" VALUES(30,3,1767323075678,'[["handled","a",{"type":"Broken","message":"it broke"}],["dispatched","b",0,1,{}]]');
INSERT INTO "facts" VALUES(30,4,1767323075678,'[["succeeded","b",0,{"n":1,"ok":true,"text":""}],["ended","complete",{"error":"Broken"},null]]');
INSERT INTO "facts" VALUES(31,1,1767323076678,'[["created","f0c5e16cef0b0a48006d95cf09a5f51b",{"n":1}]]');
INSERT INTO "facts" VALUES(31,2,1767323076678,'[["dispatched","a",0,1,{}],["dispatched","b",0,1,{}]]');
INSERT INTO "facts" VALUES(32,1,1767323077678,'[["created","f0c5e16cef0b0a48006d95cf09a5f51b",{"n":1}]]');
INSERT INTO "facts" VALUES(32,2,1767323077678,'[["dispatched","a",0,1,{}],["dispatched","b",0,1,{}]]');
INSERT INTO "facts" VALUES(33,1,1767323078678,'[["created","f0c5e16cef0b0a48006d95cf09a5f51b",{"n":1}]]');
INSERT INTO "facts" VALUES(33,2,1767323078678,'[["dispatched","a",0,1,{}],["dispatched","b",0,1,{}]]');
INSERT INTO "facts" VALUES(33,3,1767323078678,'[["succeeded","a",0,{"n":1,"ok":true,"text":""}],["halted","a",null],["withdrawn","b"],["ended","halted",{"why":1},null],["resultignored","b",0,"the workflow is halted"]]');
INSERT INTO "facts" VALUES(34,1,1767323079678,'[["created","f0c5e16cef0b0a48006d95cf09a5f51b",{"n":1}]]');
INSERT INTO "facts" VALUES(34,2,1767323079678,'[["dispatched","a",0,1,{}],["dispatched","b",0,1,{}]]');
INSERT INTO "facts" VALUES(34,3,1767323079678,'[["succeeded","a",0,{"n":1,"ok":true,"text":""}],["halted","a",null],["withdrawn","b"],["ended","halted",{"why":1},null],["resultignored","b",0,"the workflow is halted"]]');
INSERT INTO "facts" VALUES(35,1,1767323080678,'[["created","f0c5e16cef0b0a48006d95cf09a5f51b",{"n":1}]]');
INSERT INTO "facts" VALUES(35,2,1767323080678,'[["dispatched","a",0,1,{}],["dispatched","b",0,1,{}]]');
INSERT INTO "facts" VALUES(35,3,1767323080678,'[["succeeded","a",0,{"n":1,"ok":true,"text":""}],["halted","a",null],["withdrawn","b"],["ended","halted",{"why":1},null],["resultignored","b",0,"the workflow is halted"]]');
INSERT INTO "facts" VALUES(36,1,1767323081678,'[["created","f0c5e16cef0b0a48006d95cf09a5f51b",{"n":1}]]');
INSERT INTO "facts" VALUES(36,2,1767323081678,'[["dispatched","a",0,1,{}],["dispatched","b",0,1,{}]]');
INSERT INTO "facts" VALUES(36,3,1767323081678,'[["succeeded","a",0,{"n":1,"ok":true,"text":""}],["halted","a",null],["withdrawn","b"],["ended","halted",{"why":1},null],["resultignored","b",0,"the workflow is halted"]]');
INSERT INTO "facts" VALUES(37,1,1767323082678,'[["created","dc575ee254c95bd39cbf5cc3c27387c5",{"n":1}]]');
INSERT INTO "facts" VALUES(37,2,1767323082678,'[["dispatched","a",0,1,{}]]');
INSERT INTO "facts" VALUES(38,1,1767323083678,'[["created","dc575ee254c95bd39cbf5cc3c27387c5",{"n":1}]]');
INSERT INTO "facts" VALUES(38,2,1767323083678,'[["dispatched","a",0,1,{}]]');
INSERT INTO "facts" VALUES(39,1,1767323084678,'[["created","dc575ee254c95bd39cbf5cc3c27387c5",{"n":1}]]');
INSERT INTO "facts" VALUES(39,2,1767323084678,'[["dispatched","a",0,1,{}]]');
INSERT INTO "facts" VALUES(39,3,1767323084678,'[["succeeded","a",0,{"n":1,"ok":true,"text":""}],["dispatched","b",0,1,{}]]');
INSERT INTO "facts" VALUES(40,1,1767323085678,'[["created","dc575ee254c95bd39cbf5cc3c27387c5",{"n":1}]]');
INSERT INTO "facts" VALUES(40,2,1767323085678,'[["dispatched","a",0,1,{}]]');
INSERT INTO "facts" VALUES(40,3,1767323085678,'[["succeeded","a",0,{"n":1,"ok":true,"text":""}],["dispatched","b",0,1,{}]]');
INSERT INTO "facts" VALUES(40,4,1767323085678,'[["succeeded","b",0,{"n":1,"ok":true,"text":""}],["ended","complete",{"n":1},null]]');
INSERT INTO "facts" VALUES(41,1,1767323086678,'[["created","dc575ee254c95bd39cbf5cc3c27387c5",{"n":1}]]');
INSERT INTO "facts" VALUES(41,2,1767323086678,'[["dispatched","a",0,1,{}]]');
INSERT INTO "facts" VALUES(41,3,1767323086678,'[["succeeded","a",0,{"n":1,"ok":true,"text":""}],["dispatched","b",0,1,{}]]');
INSERT INTO "facts" VALUES(41,4,1767323086678,'[["succeeded","b",0,{"n":1,"ok":true,"text":""}],["ended","complete",{"n":1},null]]');
INSERT INTO "facts" VALUES(42,1,1767323087678,'[["created","dc575ee254c95bd39cbf5cc3c27387c5",{"n":1}]]');
INSERT INTO "facts" VALUES(42,2,1767323087678,'[["dispatched","a",0,1,{}]]');
INSERT INTO "facts" VALUES(42,3,1767323087678,'[["succeeded","a",0,{"n":1,"ok":true,"text":""}],["dispatched","b",0,1,{}]]');
INSERT INTO "facts" VALUES(42,4,1767323087678,'[["succeeded","b",0,{"n":1,"ok":true,"text":""}],["ended","complete",{"n":1},null]]');
INSERT INTO "facts" VALUES(43,1,1767323088678,'[["created","d5d44ee6c0ca96908e7437e491e05527",{"n":1}]]');
INSERT INTO "facts" VALUES(43,2,1767323088678,'[["dispatched","a",0,1,{"text":"\u2028\u202e''\";--\\"}]]');
INSERT INTO "facts" VALUES(44,1,1767323089678,'[["created","d5d44ee6c0ca96908e7437e491e05527",{"n":1}]]');
INSERT INTO "facts" VALUES(44,2,1767323089678,'[["dispatched","a",0,1,{"text":"\u2028\u202e''\";--\\"}]]');
INSERT INTO "facts" VALUES(45,1,1767323090678,'[["created","d5d44ee6c0ca96908e7437e491e05527",{"n":1}]]');
INSERT INTO "facts" VALUES(45,2,1767323090678,'[["dispatched","a",0,1,{"text":"\u2028\u202e''\";--\\"}]]');
INSERT INTO "facts" VALUES(45,3,1767323090678,'[["succeeded","a",0,{"n":1,"ok":true,"text":"\u2028\u202e''\";--\\"}],["ended","complete",{"text":"\u2028\u202e''\";--\\"},null]]');
INSERT INTO "facts" VALUES(46,1,1767323091678,'[["created","d5d44ee6c0ca96908e7437e491e05527",{"n":1}]]');
INSERT INTO "facts" VALUES(46,2,1767323091678,'[["dispatched","a",0,1,{"text":"\u2028\u202e''\";--\\"}]]');
INSERT INTO "facts" VALUES(46,3,1767323091678,'[["succeeded","a",0,{"n":1,"ok":true,"text":"\u2028\u202e''\";--\\"}],["ended","complete",{"text":"\u2028\u202e''\";--\\"},null]]');
INSERT INTO "facts" VALUES(47,1,1767323092678,'[["created","d5d44ee6c0ca96908e7437e491e05527",{"n":1}]]');
INSERT INTO "facts" VALUES(47,2,1767323092678,'[["dispatched","a",0,1,{"text":"\u2028\u202e''\";--\\"}]]');
INSERT INTO "facts" VALUES(47,3,1767323092678,'[["succeeded","a",0,{"n":1,"ok":true,"text":"\u2028\u202e''\";--\\"}],["ended","complete",{"text":"\u2028\u202e''\";--\\"},null]]');
INSERT INTO "facts" VALUES(48,1,1767323093678,'[["created","d5d44ee6c0ca96908e7437e491e05527",{"n":1}]]');
INSERT INTO "facts" VALUES(48,2,1767323093678,'[["dispatched","a",0,1,{"text":"\u2028\u202e''\";--\\"}]]');
INSERT INTO "facts" VALUES(48,3,1767323093678,'[["succeeded","a",0,{"n":1,"ok":true,"text":"\u2028\u202e''\";--\\"}],["ended","complete",{"text":"\u2028\u202e''\";--\\"},null]]');
INSERT INTO "facts" VALUES(49,1,1767323094678,'[["created","71eea76e2ceee6f90a137098e7735de0",{"n":1}]]');
INSERT INTO "facts" VALUES(49,2,1767323094678,'[["dispatched","a",0,1,{}]]');
INSERT INTO "facts" VALUES(50,1,1767323095678,'[["created","71eea76e2ceee6f90a137098e7735de0",{"n":1}]]');
INSERT INTO "facts" VALUES(50,2,1767323095678,'[["dispatched","a",0,1,{}]]');
INSERT INTO "facts" VALUES(51,1,1767323096678,'[["created","71eea76e2ceee6f90a137098e7735de0",{"n":1}]]');
INSERT INTO "facts" VALUES(51,2,1767323096678,'[["dispatched","a",0,1,{}]]');
INSERT INTO "facts" VALUES(51,3,1767323096678,'[["succeeded","a",0,{"n":1,"ok":true,"text":""}],["dispatched","b",0,1,{}]]');
INSERT INTO "facts" VALUES(52,1,1767323097678,'[["created","71eea76e2ceee6f90a137098e7735de0",{"n":1}]]');
INSERT INTO "facts" VALUES(52,2,1767323097678,'[["dispatched","a",0,1,{}]]');
INSERT INTO "facts" VALUES(52,3,1767323097678,'[["succeeded","a",0,{"n":1,"ok":true,"text":""}],["dispatched","b",0,1,{}]]');
INSERT INTO "facts" VALUES(52,4,1767323097678,'[["succeeded","b",0,{"n":1,"ok":true,"text":""}],["dispatched","c",0,1,{}]]');
INSERT INTO "facts" VALUES(53,1,1767323098678,'[["created","71eea76e2ceee6f90a137098e7735de0",{"n":1}]]');
INSERT INTO "facts" VALUES(53,2,1767323098678,'[["dispatched","a",0,1,{}]]');
INSERT INTO "facts" VALUES(53,3,1767323098678,'[["succeeded","a",0,{"n":1,"ok":true,"text":""}],["dispatched","b",0,1,{}]]');
INSERT INTO "facts" VALUES(53,4,1767323098678,'[["succeeded","b",0,{"n":1,"ok":true,"text":""}],["dispatched","c",0,1,{}]]');
INSERT INTO "facts" VALUES(53,5,1767323098678,'[["resultignored","a",0,"the step is complete"],["succeeded","c",0,{"n":1,"ok":true,"text":""}],["ended","complete",{"n":1},null]]');
INSERT INTO "facts" VALUES(54,1,1767323099678,'[["created","71eea76e2ceee6f90a137098e7735de0",{"n":1}]]');
INSERT INTO "facts" VALUES(54,2,1767323099678,'[["dispatched","a",0,1,{}]]');
INSERT INTO "facts" VALUES(54,3,1767323099678,'[["succeeded","a",0,{"n":1,"ok":true,"text":""}],["dispatched","b",0,1,{}]]');
INSERT INTO "facts" VALUES(54,4,1767323099678,'[["succeeded","b",0,{"n":1,"ok":true,"text":""}],["dispatched","c",0,1,{}]]');
INSERT INTO "facts" VALUES(54,5,1767323099678,'[["resultignored","a",0,"the step is complete"],["succeeded","c",0,{"n":1,"ok":true,"text":""}],["ended","complete",{"n":1},null]]');
INSERT INTO "facts" VALUES(54,6,1767323099678,'[["resultignored","c",7,"the workflow is complete"]]');
INSERT INTO "facts" VALUES(55,1,1767323100678,'[["created","3bd3b9f97e1e4fa322deb429d4c5a9a8",{"n":1}]]');
INSERT INTO "facts" VALUES(55,2,1767323100678,'[["dispatched","s0",0,1,{"n":0}],["dispatched","s1",0,1,{"n":1}],["dispatched","s2",0,1,{"n":2}],["dispatched","s3",0,1,{"n":3}],["dispatched","s4",0,1,{"n":4}],["dispatched","s5",0,1,{"n":5}],["dispatched","s6",0,1,{"n":6}],["dispatched","s7",0,1,{"n":7}],["dispatched","s8",0,1,{"n":8}],["dispatched","s9",0,1,{"n":9}],["dispatched","s10",0,1,{"n":10}],["dispatched","s11",0,1,{"n":11}],["dispatched","s12",0,1,{"n":12}],["dispatched","s13",0,1,{"n":13}],["dispatched","s14",0,1,{"n":14}],["dispatched","s15",0,1,{"n":15}],["dispatched","s16",0,1,{"n":16}],["dispatched","s17",0,1,{"n":17}],["dispatched","s18",0,1,{"n":18}],["dispatched","s19",0,1,{"n":19}],["dispatched","s20",0,1,{"n":20}],["dispatched","s21",0,1,{"n":21}],["dispatched","s22",0,1,{"n":22}],["dispatched","s23",0,1,{"n":23}],["dispatched","s24",0,1,{"n":24}],["dispatched","s25",0,1,{"n":25}],["dispatched","s26",0,1,{"n":26}],["dispatched","s27",0,1,{"n":27}],["dispatched","s28",0,1,{"n":28}],["dispatched","s29",0,1,{"n":29}],["dispatched","s30",0,1,{"n":30}],["dispatched","s31",0,1,{"n":31}],["dispatched","s32",0,1,{"n":32}],["dispatched","s33",0,1,{"n":33}],["dispatched","s34",0,1,{"n":34}],["dispatched","s35",0,1,{"n":35}],["dispatched","s36",0,1,{"n":36}],["dispatched","s37",0,1,{"n":37}],["dispatched","s38",0,1,{"n":38}],["dispatched","s39",0,1,{"n":39}],["dispatched","s40",0,1,{"n":40}],["dispatched","s41",0,1,{"n":41}],["dispatched","s42",0,1,{"n":42}],["dispatched","s43",0,1,{"n":43}],["dispatched","s44",0,1,{"n":44}],["dispatched","s45",0,1,{"n":45}],["dispatched","s46",0,1,{"n":46}],["dispatched","s47",0,1,{"n":47}],["dispatched","s48",0,1,{"n":48}],["dispatched","s49",0,1,{"n":49}],["dispatched","s50",0,1,{"n":50}],["dispatched","s51",0,1,{"n":51}],["dispatched","s52",0,1,{"n":52}],["dispatched","s53",0,1,{"n":53}],["dispatched","s54",0,1,{"n":54}],["dispatched","s55",0,1,{"n":55}],["dispatched","s56",0,1,{"n":56}],["dispatched","s57",0,1,{"n":57}],["dispatched","s58",0,1,{"n":58}],["dispatched","s59",0,1,{"n":59}],["dispatched","s60",0,1,{"n":60}],["dispatched","s61",0,1,{"n":61}],["dispatched","s62",0,1,{"n":62}],["dispatched","s63",0,1,{"n":63}],["dispatched","s64",0,1,{"n":64}],["dispatched","s65",0,1,{"n":65}],["dispatched","s66",0,1,{"n":66}],["dispatched","s67",0,1,{"n":67}],["dispatched","s68",0,1,{"n":68}],["dispatched","s69",0,1,{"n":69}]]');
INSERT INTO "facts" VALUES(55,3,1767323100678,'[["succeeded","s0",0,{"n":1,"ok":true,"text":""}],["succeeded","s1",0,{"n":2,"ok":true,"text":""}],["succeeded","s2",0,{"n":3,"ok":true,"text":""}],["succeeded","s3",0,{"n":4,"ok":true,"text":""}],["succeeded","s4",0,{"n":5,"ok":true,"text":""}],["succeeded","s5",0,{"n":6,"ok":true,"text":""}],["succeeded","s6",0,{"n":7,"ok":true,"text":""}],["succeeded","s7",0,{"n":8,"ok":true,"text":""}],["succeeded","s8",0,{"n":9,"ok":true,"text":""}],["succeeded","s9",0,{"n":10,"ok":true,"text":""}],["succeeded","s10",0,{"n":11,"ok":true,"text":""}],["succeeded","s11",0,{"n":12,"ok":true,"text":""}],["succeeded","s12",0,{"n":13,"ok":true,"text":""}],["succeeded","s13",0,{"n":14,"ok":true,"text":""}],["succeeded","s14",0,{"n":15,"ok":true,"text":""}],["succeeded","s15",0,{"n":16,"ok":true,"text":""}],["succeeded","s16",0,{"n":17,"ok":true,"text":""}],["succeeded","s17",0,{"n":18,"ok":true,"text":""}],["succeeded","s18",0,{"n":19,"ok":true,"text":""}],["succeeded","s19",0,{"n":20,"ok":true,"text":""}],["succeeded","s20",0,{"n":21,"ok":true,"text":""}],["succeeded","s21",0,{"n":22,"ok":true,"text":""}],["succeeded","s22",0,{"n":23,"ok":true,"text":""}],["succeeded","s23",0,{"n":24,"ok":true,"text":""}],["succeeded","s24",0,{"n":25,"ok":true,"text":""}],["succeeded","s25",0,{"n":26,"ok":true,"text":""}],["succeeded","s26",0,{"n":27,"ok":true,"text":""}],["succeeded","s27",0,{"n":28,"ok":true,"text":""}],["succeeded","s28",0,{"n":29,"ok":true,"text":""}],["succeeded","s29",0,{"n":30,"ok":true,"text":""}],["succeeded","s30",0,{"n":31,"ok":true,"text":""}],["succeeded","s31",0,{"n":32,"ok":true,"text":""}],["succeeded","s32",0,{"n":33,"ok":true,"text":""}],["succeeded","s33",0,{"n":34,"ok":true,"text":""}],["succeeded","s34",0,{"n":35,"ok":true,"text":""}],["succeeded","s35",0,{"n":36,"ok":true,"text":""}],["succeeded","s36",0,{"n":37,"ok":true,"text":""}],["succeeded","s37",0,{"n":38,"ok":true,"text":""}],["succeeded","s38",0,{"n":39,"ok":true,"text":""}],["succeeded","s39",0,{"n":40,"ok":true,"text":""}],["succeeded","s40",0,{"n":41,"ok":true,"text":""}],["succeeded","s41",0,{"n":42,"ok":true,"text":""}],["succeeded","s42",0,{"n":43,"ok":true,"text":""}],["succeeded","s43",0,{"n":44,"ok":true,"text":""}],["succeeded","s44",0,{"n":45,"ok":true,"text":""}],["succeeded","s45",0,{"n":46,"ok":true,"text":""}],["succeeded","s46",0,{"n":47,"ok":true,"text":""}],["succeeded","s47",0,{"n":48,"ok":true,"text":""}],["succeeded","s48",0,{"n":49,"ok":true,"text":""}],["succeeded","s49",0,{"n":50,"ok":true,"text":""}],["succeeded","s50",0,{"n":51,"ok":true,"text":""}],["succeeded","s51",0,{"n":52,"ok":true,"text":""}],["succeeded","s52",0,{"n":53,"ok":true,"text":""}],["succeeded","s53",0,{"n":54,"ok":true,"text":""}],["succeeded","s54",0,{"n":55,"ok":true,"text":""}],["succeeded","s55",0,{"n":56,"ok":true,"text":""}],["succeeded","s56",0,{"n":57,"ok":true,"text":""}],["succeeded","s57",0,{"n":58,"ok":true,"text":""}],["succeeded","s58",0,{"n":59,"ok":true,"text":""}],["succeeded","s59",0,{"n":60,"ok":true,"text":""}],["succeeded","s60",0,{"n":61,"ok":true,"text":""}],["succeeded","s61",0,{"n":62,"ok":true,"text":""}],["succeeded","s62",0,{"n":63,"ok":true,"text":""}],["succeeded","s63",0,{"n":64,"ok":true,"text":""}],["succeeded","s64",0,{"n":65,"ok":true,"text":""}],["succeeded","s65",0,{"n":66,"ok":true,"text":""}],["succeeded","s66",0,{"n":67,"ok":true,"text":""}],["succeeded","s67",0,{"n":68,"ok":true,"text":""}],["succeeded","s68",0,{"n":69,"ok":true,"text":""}],["succeeded","s69",0,{"n":70,"ok":true,"text":""}],["ended","complete",{"last":70},null]]');
CREATE TABLE inbox (
      place         INTEGER PRIMARY KEY AUTOINCREMENT,
      execution_id  TEXT NOT NULL,
      key           TEXT NOT NULL,
      kind          TEXT NOT NULL,
      body          TEXT NOT NULL,
      UNIQUE (execution_id, key)
    );
INSERT INTO "inbox" VALUES(1,'chain-2','8881c54d2a97a4f69089f0da7826cbcb','result','{"step":"a","run_id":0,"output":{"n":1,"ok":true,"text":""},"error":null,"delivery":null}');
INSERT INTO "inbox" VALUES(11,'diamond-2','3d1b50a5988c4ae3b0d4628139fd6148','result','{"step":"a","run_id":0,"output":{"n":2,"ok":true,"text":""},"error":null,"delivery":null}');
INSERT INTO "inbox" VALUES(22,'poll-2','57f4603b5323afc55b9d247a51b5660d','result','{"step":"ask","run_id":0,"output":{"ready":false,"turn":0},"error":null,"delivery":null}');
INSERT INTO "inbox" VALUES(29,'poll-8','b2aca7bb7a925cebc44b4768b0800e6e','result','{"step":"ask","run_id":3,"output":{"ready":true,"turn":3},"error":null,"delivery":null}');
INSERT INTO "inbox" VALUES(35,'fails-2','294d47ba872e6c973fe239dc516d9a7f','result','{"step":"a","run_id":0,"output":null,"error":{"type":"Broken","message":"it broke"},"delivery":null}');
INSERT INTO "inbox" VALUES(40,'handled-2','294d47ba872e6c973fe239dc516d9a7f','result','{"step":"a","run_id":0,"output":null,"error":{"type":"Broken","message":"it broke"},"delivery":null}');
INSERT INTO "inbox" VALUES(48,'halts-2','8881c54d2a97a4f69089f0da7826cbcb','result','{"step":"a","run_id":0,"output":{"n":1,"ok":true,"text":""},"error":null,"delivery":null}');
INSERT INTO "inbox" VALUES(49,'halts-2','1e651fe9c084af8146064c06ea5c6315','result','{"step":"b","run_id":0,"output":{"n":1,"ok":true,"text":""},"error":null,"delivery":null}');
INSERT INTO "inbox" VALUES(58,'chosen-2','8881c54d2a97a4f69089f0da7826cbcb','result','{"step":"a","run_id":0,"output":{"n":1,"ok":true,"text":""},"error":null,"delivery":null}');
INSERT INTO "inbox" VALUES(66,'unicode-2','ba2dbce87fdedf57e442eb8e915486bd','result','{"step":"a","run_id":0,"output":{"n":1,"ok":true,"text":"\u2028\u202e''\";--\\"},"error":null,"delivery":null}');
INSERT INTO "inbox" VALUES(71,'repeated-2','8881c54d2a97a4f69089f0da7826cbcb','result','{"step":"a","run_id":0,"output":{"n":1,"ok":true,"text":""},"error":null,"delivery":null}');
INSERT INTO "inbox" VALUES(75,'repeated-5','e0266d89cc8475802ed50a8ef5989ad5','result','{"step":"a","run_id":0,"output":{"other":1},"error":null,"delivery":null}');
INSERT INTO "inbox" VALUES(80,'repeated-8','7a771fe0558b3d9a8a90f808928ffef4','result','{"step":"c","run_id":7,"output":null,"error":{"type":"Odd","message":"?"},"delivery":null}');
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
INSERT INTO "jobs" VALUES('chain-1','a',0,'c23b1b8d067afb9b2c734b69c7e242d9#chain-1',1767323046678000000,'work','{}',1,0,1,'w-7a9fbdb1198e8e00');
INSERT INTO "jobs" VALUES('chain-2','a',0,'c23b1b8d067afb9b2c734b69c7e242d9#chain-2',1767323047678000000,'work','{}',1,0,1,'w-7a9fbdb1198e8e00');
INSERT INTO "jobs" VALUES('chain-3','b',0,'c23b1b8d067afb9b2c734b69c7e242d9#chain-3',1767323048678000001,'work','{}',1,0,1,'w-7a9fbdb1198e8e00');
INSERT INTO "jobs" VALUES('chain-5','c',0,'c23b1b8d067afb9b2c734b69c7e242d9#chain-5',1767323049678000002,'work','{}',1,0,1,'w-7a9fbdb1198e8e00');
INSERT INTO "jobs" VALUES('chosen-1','a',0,'dc575ee254c95bd39cbf5cc3c27387c5#chosen-1',1767323082678000000,'work','{}',1,0,0,NULL);
INSERT INTO "jobs" VALUES('chosen-2','a',0,'dc575ee254c95bd39cbf5cc3c27387c5#chosen-2',1767323083678000000,'work','{}',1,0,0,NULL);
INSERT INTO "jobs" VALUES('chosen-3','b',0,'dc575ee254c95bd39cbf5cc3c27387c5#chosen-3',1767323084678000001,'work','{}',1,0,0,NULL);
INSERT INTO "jobs" VALUES('diamond-1','a',0,'4addc1050d63941cb0c6d28e211bd851#diamond-1',1767323052678000000,'work','{"n":1}',1,0,1,'w-7a9fbdb1198e8e00');
INSERT INTO "jobs" VALUES('diamond-2','a',0,'4addc1050d63941cb0c6d28e211bd851#diamond-2',1767323053678000000,'work','{"n":1}',1,0,1,'w-7a9fbdb1198e8e00');
INSERT INTO "jobs" VALUES('diamond-3','b',0,'4addc1050d63941cb0c6d28e211bd851#diamond-3',1767323054678000001,'work','{"n":2}',1,0,1,'w-7a9fbdb1198e8e00');
INSERT INTO "jobs" VALUES('diamond-3','c',0,'4addc1050d63941cb0c6d28e211bd851#diamond-3',1767323054678000002,'flaky','{}',1,0,0,NULL);
INSERT INTO "jobs" VALUES('fails-1','a',0,'93d30ded5ec7b95e1eff7ca760dcd46c#fails-1',1767323064678000000,'fails','{}',1,0,0,NULL);
INSERT INTO "jobs" VALUES('fails-2','a',0,'93d30ded5ec7b95e1eff7ca760dcd46c#fails-2',1767323065678000000,'fails','{}',1,0,0,NULL);
INSERT INTO "jobs" VALUES('halts-1','a',0,'f0c5e16cef0b0a48006d95cf09a5f51b#halts-1',1767323076678000000,'work','{}',1,0,0,NULL);
INSERT INTO "jobs" VALUES('halts-1','b',0,'f0c5e16cef0b0a48006d95cf09a5f51b#halts-1',1767323076678000001,'work','{}',1,0,0,NULL);
INSERT INTO "jobs" VALUES('halts-2','a',0,'f0c5e16cef0b0a48006d95cf09a5f51b#halts-2',1767323077678000000,'work','{}',1,0,0,NULL);
INSERT INTO "jobs" VALUES('halts-2','b',0,'f0c5e16cef0b0a48006d95cf09a5f51b#halts-2',1767323077678000001,'work','{}',1,0,0,NULL);
INSERT INTO "jobs" VALUES('handled-1','a',0,'6420cd233e6e34dd6f01d29fe0a0cc59#handled-1',1767323070678000000,'fails','{}',1,0,0,NULL);
INSERT INTO "jobs" VALUES('handled-2','a',0,'6420cd233e6e34dd6f01d29fe0a0cc59#handled-2',1767323071678000000,'fails','{}',1,0,0,NULL);
INSERT INTO "jobs" VALUES('handled-3','b',0,'6420cd233e6e34dd6f01d29fe0a0cc59#handled-3',1767323072678000001,'work','{}',1,0,0,NULL);
INSERT INTO "jobs" VALUES('poll-1','ask',0,'d8ed85c539bd196b3dbe2f79c6ca6dec#poll-1',1767323058678000000,'poll','{}',1,0,0,NULL);
INSERT INTO "jobs" VALUES('poll-2','ask',0,'d8ed85c539bd196b3dbe2f79c6ca6dec#poll-2',1767323059678000000,'poll','{}',1,0,0,NULL);
INSERT INTO "jobs" VALUES('poll-3','ask',1,'d8ed85c539bd196b3dbe2f79c6ca6dec#poll-3',1767323060678000001,'poll','{}',1,1,0,NULL);
INSERT INTO "jobs" VALUES('poll-5','ask',2,'d8ed85c539bd196b3dbe2f79c6ca6dec#poll-5',1767323061678000002,'poll','{}',1,2,0,NULL);
INSERT INTO "jobs" VALUES('poll-8','ask',3,'d8ed85c539bd196b3dbe2f79c6ca6dec#poll-8',1767323062678000003,'poll','{}',1,3,0,NULL);
INSERT INTO "jobs" VALUES('repeated-1','a',0,'71eea76e2ceee6f90a137098e7735de0#repeated-1',1767323094678000000,'work','{}',1,0,0,NULL);
INSERT INTO "jobs" VALUES('repeated-2','a',0,'71eea76e2ceee6f90a137098e7735de0#repeated-2',1767323095678000000,'work','{}',1,0,0,NULL);
INSERT INTO "jobs" VALUES('repeated-3','b',0,'71eea76e2ceee6f90a137098e7735de0#repeated-3',1767323096678000001,'work','{}',1,0,0,NULL);
INSERT INTO "jobs" VALUES('repeated-5','c',0,'71eea76e2ceee6f90a137098e7735de0#repeated-5',1767323097678000002,'work','{}',1,0,0,NULL);
INSERT INTO "jobs" VALUES('unicode-1','a',0,'d5d44ee6c0ca96908e7437e491e05527#unicode-1',1767323088678000000,'work','{"text":"\u2028\u202e''\";--\\"}',1,0,0,NULL);
INSERT INTO "jobs" VALUES('unicode-2','a',0,'d5d44ee6c0ca96908e7437e491e05527#unicode-2',1767323089678000000,'work','{"text":"\u2028\u202e''\";--\\"}',1,0,0,NULL);
CREATE TABLE snapshots (
      execution  INTEGER PRIMARY KEY,
      revision   INTEGER NOT NULL,
      record     TEXT NOT NULL
    );
INSERT INTO "snapshots" VALUES(6,5,'{"format":1,"execution_id":"chain-20","revision":5,"created_at":1767323051678,"inputs":{"n":1},"status":"complete","state":{"n":1,"ok":true,"text":""},"steps":{"a":["complete",0,1,0,0,0,{"n":1,"ok":true,"text":""},null,null,null,1767323051678,1767323051678,0],"b":["complete",0,1,0,0,0,{"n":1,"ok":true,"text":""},null,null,null,1767323051678,1767323051678,0],"c":["complete",0,1,0,0,0,{"n":1,"ok":true,"text":""},null,null,null,1767323051678,1767323051678,0]},"ignored":{},"outcome":{"n":1},"error":null,"started_at":1767323051678,"ended_at":1767323051678}');
INSERT INTO "snapshots" VALUES(10,4,'{"format":1,"execution_id":"diamond-5","revision":4,"created_at":1767323055678,"inputs":{"n":1},"status":"in_progress","state":{"n":3,"ok":true,"text":""},"steps":{"a":["complete",0,1,0,0,0,{"n":2,"ok":true,"text":""},null,null,null,1767323055678,1767323055678,0],"b":["complete",0,1,0,0,0,{"n":3,"ok":true,"text":""},null,null,null,1767323055678,1767323055678,0],"c":["retry",0,1,0,0,0,null,{"type":"Broken","message":"not yet"},null,1767323060678,1767323055678,null,0]},"ignored":{},"outcome":null,"error":null,"started_at":1767323055678,"ended_at":null}');
INSERT INTO "snapshots" VALUES(12,4,'{"format":1,"execution_id":"diamond-20","revision":4,"created_at":1767323057678,"inputs":{"n":1},"status":"in_progress","state":{"n":3,"ok":true,"text":""},"steps":{"a":["complete",0,1,0,0,0,{"n":2,"ok":true,"text":""},null,null,null,1767323057678,1767323057678,0],"b":["complete",0,1,0,0,0,{"n":3,"ok":true,"text":""},null,null,null,1767323057678,1767323057678,0],"c":["retry",0,1,0,0,0,null,{"type":"Broken","message":"not yet"},null,1767323062678,1767323057678,null,0]},"ignored":{},"outcome":null,"error":null,"started_at":1767323057678,"ended_at":null}');
INSERT INTO "snapshots" VALUES(16,4,'{"format":1,"execution_id":"poll-5","revision":4,"created_at":1767323061678,"inputs":{"n":1},"status":"in_progress","state":{"ready":false,"turn":1},"steps":{"ask":["in_progress",2,1,2,2,2,null,null,{},null,1767323061678,null,-1]},"ignored":{},"outcome":null,"error":null,"started_at":1767323061678,"ended_at":null}');
INSERT INTO "snapshots" VALUES(18,4,'{"format":1,"execution_id":"poll-20","revision":4,"created_at":1767323063678,"inputs":{"n":1},"status":"in_progress","state":{"ready":false,"turn":1},"steps":{"ask":["in_progress",2,1,2,2,2,null,null,{},null,1767323063678,null,-1]},"ignored":{},"outcome":null,"error":null,"started_at":1767323063678,"ended_at":null}');
INSERT INTO "snapshots" VALUES(28,4,'{"format":1,"execution_id":"handled-5","revision":4,"created_at":1767323073678,"inputs":{"n":1},"status":"complete","state":{"n":1,"ok":true,"text":""},"steps":{"a":["complete",0,1,0,0,0,{"ok":false,"error":{"type":"Broken","message":"it broke"}},{"type":"Broken","message":"it broke"},null,null,1767323073678,1767323073678,0],"b":["complete",0,1,0,0,0,{"n":1,"ok":true,"text":""},null,null,null,1767323073678,1767323073678,0]},"ignored":{},"outcome":{"error":"Broken"},"error":null,"started_at":1767323073678,"ended_at":1767323073678}');
INSERT INTO "snapshots" VALUES(30,4,'{"format":1,"execution_id":"handled-20","revision":4,"created_at":1767323075678,"inputs":{"n":1},"status":"complete","state":{"n":1,"ok":true,"text":""},"steps":{"a":["complete",0,1,0,0,0,{"ok":false,"error":{"type":"Broken","message":"it broke"}},{"type":"Broken","message":"it broke"},null,null,1767323075678,1767323075678,0],"b":["complete",0,1,0,0,0,{"n":1,"ok":true,"text":""},null,null,null,1767323075678,1767323075678,0]},"ignored":{},"outcome":{"error":"Broken"},"error":null,"started_at":1767323075678,"ended_at":1767323075678}');
INSERT INTO "snapshots" VALUES(34,3,'{"format":1,"execution_id":"halts-5","revision":3,"created_at":1767323079678,"inputs":{"n":1},"status":"halted","state":{"n":1,"ok":true,"text":""},"steps":{"a":["halted",0,1,0,0,0,{"n":1,"ok":true,"text":""},null,null,null,1767323079678,1767323079678,0],"b":["cancelled",0,1,0,0,0,null,null,null,null,1767323079678,1767323079678,-1]},"ignored":{"b#0":"the workflow is halted"},"outcome":{"why":1},"error":null,"started_at":1767323079678,"ended_at":1767323079678}');
INSERT INTO "snapshots" VALUES(36,3,'{"format":1,"execution_id":"halts-20","revision":3,"created_at":1767323081678,"inputs":{"n":1},"status":"halted","state":{"n":1,"ok":true,"text":""},"steps":{"a":["halted",0,1,0,0,0,{"n":1,"ok":true,"text":""},null,null,null,1767323081678,1767323081678,0],"b":["cancelled",0,1,0,0,0,null,null,null,null,1767323081678,1767323081678,-1]},"ignored":{"b#0":"the workflow is halted"},"outcome":{"why":1},"error":null,"started_at":1767323081678,"ended_at":1767323081678}');
INSERT INTO "snapshots" VALUES(54,5,'{"format":1,"execution_id":"repeated-20","revision":5,"created_at":1767323099678,"inputs":{"n":1},"status":"complete","state":{"n":1,"ok":true,"text":""},"steps":{"a":["complete",0,1,0,0,0,{"n":1,"ok":true,"text":""},null,null,null,1767323099678,1767323099678,0],"b":["complete",0,1,0,0,0,{"n":1,"ok":true,"text":""},null,null,null,1767323099678,1767323099678,0],"c":["complete",0,1,0,0,0,{"n":1,"ok":true,"text":""},null,null,null,1767323099678,1767323099678,0]},"ignored":{"a#0":"the step is complete"},"outcome":{"n":1},"error":null,"started_at":1767323099678,"ended_at":1767323099678}');
CREATE TABLE workers (
      worker       TEXT PRIMARY KEY,
      host         TEXT NOT NULL,
      pid          INTEGER NOT NULL,
      lease_until  INTEGER NOT NULL
    ) WITHOUT ROWID
    ;
INSERT INTO "workers" VALUES('w-7a9fbdb1198e8e00','vm',10441,1767323160678);
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
INSERT INTO "sqlite_sequence" VALUES('inbox',155);
COMMIT;
PRAGMA application_id = 1920298598;
PRAGMA user_version = 1;
