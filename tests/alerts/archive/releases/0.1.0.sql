BEGIN TRANSACTION;
CREATE TABLE action_log (
	seq BIGINT NOT NULL, 
	at DOUBLE NOT NULL, 
	actor TEXT NOT NULL, 
	role TEXT NOT NULL, 
	action TEXT NOT NULL, 
	object_id TEXT NOT NULL, 
	reason TEXT, 
	note TEXT, 
	details TEXT NOT NULL, 
	prev_hash TEXT NOT NULL, 
	hash TEXT NOT NULL, 
	CONSTRAINT pk_action_log PRIMARY KEY (seq)
);
INSERT INTO "action_log" VALUES(1,1800001000.0,'system','system','opened','01a21758-a375-7565-a480-e60ac475ab92','first',NULL,'{"files": {"2027/1/clip.mp4": "abababababababababababababababababababababababababababababababab"}, "message": "message-1", "model_sha256": "abababababababababababababababababababababababababababababababab", "version": 1, "worker": "worker-1"}','','5968ec35d5f8eabdc5ee40485afbf8d2c09537db69b20fac8b0dc2328811304b');
INSERT INTO "action_log" VALUES(2,1800001000.0,'system','system','opened','01a21758-a3a9-70a9-8071-90c43b4d73b2','first',NULL,'{"files": {"2027/2/clip.mp4": "abababababababababababababababababababababababababababababababab"}, "message": "message-2", "model_sha256": "abababababababababababababababababababababababababababababababab", "version": 1, "worker": "worker-1"}','5968ec35d5f8eabdc5ee40485afbf8d2c09537db69b20fac8b0dc2328811304b','9e8ca384b76b14174df3cc816a6c68b8d3f5824589bcfa10fb96a4eca403283e');
INSERT INTO "action_log" VALUES(3,1800001000.0,'system','system','opened','01a21758-a3cb-70f3-a40b-348d716fcd32','first',NULL,'{"files": {"2027/3/clip.mp4": "abababababababababababababababababababababababababababababababab"}, "message": "message-3", "model_sha256": "abababababababababababababababababababababababababababababababab", "version": 1, "worker": "worker-1"}','9e8ca384b76b14174df3cc816a6c68b8d3f5824589bcfa10fb96a4eca403283e','6472738e1eab3568ad817bf7ce274849bfa342ffc1b82140d2fd6dac67905708');
INSERT INTO "action_log" VALUES(4,1800001000.0,'system','system','opened','01a21758-a3d6-7b6d-9d0d-7cbfe632a7f3','first',NULL,'{"files": {"2027/4/clip.mp4": "abababababababababababababababababababababababababababababababab"}, "message": "message-4", "model_sha256": "abababababababababababababababababababababababababababababababab", "version": 1, "worker": "worker-1"}','6472738e1eab3568ad817bf7ce274849bfa342ffc1b82140d2fd6dac67905708','edcfe65e09a4e6246dd413f2311ff674b0cc2890fb72d513e28e2933ab077b9a');
INSERT INTO "action_log" VALUES(5,1800001000.0,'an','operator','acknowledge','01a21758-a3d6-7b6d-9d0d-7cbfe632a7f3',NULL,NULL,'{"from": "new", "key": "01a21758-a3d6-7b6d-9d0d-7cbfe632a7f3 acknowledge", "seen_version": 1, "to": "acknowledged", "version": 2, "why": "taken"}','edcfe65e09a4e6246dd413f2311ff674b0cc2890fb72d513e28e2933ab077b9a','bbb47f67354b9231bceba057d5d920f56cffb0300b3d04cd657768cd70d20c0c');
INSERT INTO "action_log" VALUES(6,1800001000.0,'le','leader','acknowledge','01a21758-a3cb-70f3-a40b-348d716fcd32',NULL,NULL,'{"from": "new", "key": "01a21758-a3cb-70f3-a40b-348d716fcd32 acknowledge", "seen_version": 1, "to": "acknowledged", "version": 2, "why": "taken"}','bbb47f67354b9231bceba057d5d920f56cffb0300b3d04cd657768cd70d20c0c','03630dcfcddc1196c9917569fe5ccef6512b9b9009f0c43d1bf1bc7d1c201b6d');
INSERT INTO "action_log" VALUES(7,1800001000.0,'le','leader','confirm','01a21758-a3cb-70f3-a40b-348d716fcd32',NULL,NULL,'{"from": "acknowledged", "key": "01a21758-a3cb-70f3-a40b-348d716fcd32 confirm", "seen_version": 2, "to": "confirmed", "version": 3, "why": "confirmed"}','03630dcfcddc1196c9917569fe5ccef6512b9b9009f0c43d1bf1bc7d1c201b6d','0c66955bfdaf6f270307c353f0849c74afcbd6c45b5042a5ced6c8f0cece107d');
INSERT INTO "action_log" VALUES(8,1800001000.0,'le','leader','close','01a21758-a3cb-70f3-a40b-348d716fcd32',NULL,NULL,'{"from": "confirmed", "key": "01a21758-a3cb-70f3-a40b-348d716fcd32 close", "seen_version": 3, "to": "closed", "version": 4, "why": "closed"}','0c66955bfdaf6f270307c353f0849c74afcbd6c45b5042a5ced6c8f0cece107d','60d4563bbf1022a613367549570f1bec44ae45fd5d1ebee8b190807ff75bec56');
INSERT INTO "action_log" VALUES(9,1800001000.0,'le','leader','acknowledge','01a21758-a3a9-70a9-8071-90c43b4d73b2',NULL,NULL,'{"from": "new", "key": "01a21758-a3a9-70a9-8071-90c43b4d73b2 acknowledge", "seen_version": 1, "to": "acknowledged", "version": 2, "why": "taken"}','60d4563bbf1022a613367549570f1bec44ae45fd5d1ebee8b190807ff75bec56','c2a66f517dd96c52088fc83d3a46b5efe70eb0f6659bb59499b74006d8d1e81a');
INSERT INTO "action_log" VALUES(10,1800001000.0,'le','leader','reject','01a21758-a3a9-70a9-8071-90c43b4d73b2','steam',NULL,'{"from": "acknowledged", "key": "01a21758-a3a9-70a9-8071-90c43b4d73b2 reject", "seen_version": 2, "to": "rejected", "version": 3, "why": "rejected"}','c2a66f517dd96c52088fc83d3a46b5efe70eb0f6659bb59499b74006d8d1e81a','2fa93ab98d16ef8ce0f047273be170e06f7fd01897a53c96c2dc48a3e1324b78');
INSERT INTO "action_log" VALUES(11,1800001000.0,'an','operator','shift_taken','01a21758-a5c8-7ae8-9009-d356bbeae17f',NULL,NULL,'{"sound_heard": true}','2fa93ab98d16ef8ce0f047273be170e06f7fd01897a53c96c2dc48a3e1324b78','be31bb587356961b0d69c3e1c6326c811612c7ee693c42afcd40a7de3b06b103');
INSERT INTO "action_log" VALUES(12,1800001000.0,'system','system','token_made','t',NULL,NULL,'{"name": "cad", "powers": ["read"], "roles": ["operator"]}','be31bb587356961b0d69c3e1c6326c811612c7ee693c42afcd40a7de3b06b103','57bee6e88dba61663c3b03c94e17df709b99d8903687cf476d9b3899956607e9');
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0013_lived_days');
CREATE TABLE alert (
	id TEXT NOT NULL, 
	number TEXT NOT NULL, 
	dedup_key TEXT NOT NULL, 
	episode_open BOOLEAN NOT NULL, 
	recurrence_of TEXT, 
	kind TEXT NOT NULL, 
	state TEXT NOT NULL, 
	condition TEXT NOT NULL, 
	priority INTEGER NOT NULL, 
	version INTEGER NOT NULL, 
	people_version INTEGER NOT NULL, 
	raised_at DOUBLE NOT NULL, 
	last_seen_at DOUBLE NOT NULL, 
	cleared_at DOUBLE, 
	camera_id TEXT NOT NULL, 
	camera_name TEXT NOT NULL, 
	place TEXT, 
	area TEXT, 
	agency TEXT, 
	lat DOUBLE, 
	lon DOUBLE, 
	rule_id TEXT NOT NULL, 
	rule_version INTEGER NOT NULL, 
	zone_id TEXT, 
	label TEXT NOT NULL, 
	confidence DOUBLE NOT NULL, 
	box_x DOUBLE NOT NULL, 
	box_y DOUBLE NOT NULL, 
	box_w DOUBLE NOT NULL, 
	box_h DOUBLE NOT NULL, 
	largest_area DOUBLE NOT NULL, 
	detections INTEGER NOT NULL, 
	reason TEXT NOT NULL, 
	unchecked BOOLEAN NOT NULL, 
	evidence_error TEXT, 
	spoke_at DOUBLE NOT NULL, 
	spoke_reason TEXT NOT NULL, 
	spoken_priority INTEGER NOT NULL, 
	spoken_area DOUBLE NOT NULL, 
	escalated_at DOUBLE, 
	owner TEXT, 
	acknowledged_at DOUBLE, 
	lease_until DOUBLE, 
	verdict TEXT, 
	verdict_by TEXT, 
	verdict_at DOUBLE, 
	reject_reason TEXT, 
	cosign_wanted_by TEXT, 
	closed_by TEXT, 
	closed_at DOUBLE, 
	captured_at DOUBLE NOT NULL, 
	inferred_at DOUBLE NOT NULL, 
	spooled_at DOUBLE NOT NULL, 
	queued_at DOUBLE NOT NULL, 
	stored_at DOUBLE NOT NULL, 
	pushed_at DOUBLE, 
	rendered_at DOUBLE, words TEXT DEFAULT '' NOT NULL, exercise BOOLEAN DEFAULT 0 NOT NULL, shelf_id TEXT, shelved_until DOUBLE, held_since DOUBLE, 
	CONSTRAINT pk_alert PRIMARY KEY (id), 
	CONSTRAINT fk_alert_recurrence_of FOREIGN KEY(recurrence_of) REFERENCES alert (id), 
	CONSTRAINT uq_alert_number UNIQUE (number)
);
INSERT INTO "alert" VALUES('01a21758-a375-7565-a480-e60ac475ab92','CB-20270115-000001','gate|fire|zone-1|fire',1,NULL,'fire','new','active',1,1,1,1800000000.0,1800000000.0,NULL,'gate','Cổng',NULL,'cua-nam','pc07',NULL,NULL,'fire',1,'zone-1','fire',0.8,0.4,0.4,0.1,0.1,1.00000000000000019e-02,1,'3 of 5 looks',0,NULL,1800001000.0,'first',1,1.00000000000000019e-02,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,1800000000.0,1800000000.1,1.8000000001999998e+09,1800001000.0,1800001000.0,NULL,NULL,'cb-20270115-000001 gate cong',0,NULL,NULL,NULL);
INSERT INTO "alert" VALUES('01a21758-a3a9-70a9-8071-90c43b4d73b2','CB-20270115-000002','gate|fire|zone-2|fire',1,NULL,'fire','rejected','active',1,3,3,1800000001.0,1800000001.0,NULL,'gate','Cổng',NULL,'cua-nam','pc07',NULL,NULL,'fire',1,'zone-2','fire',0.8,0.4,0.4,0.1,0.1,1.00000000000000019e-02,1,'3 of 5 looks',0,NULL,1800001000.0,'first',1,1.00000000000000019e-02,NULL,'le',1800001000.0,NULL,'rejected','le',1800001000.0,'steam',NULL,NULL,NULL,1800000001.0,1800000001.1,1.8000000011999998e+09,1800001000.0,1800001000.0,NULL,NULL,'cb-20270115-000002 gate cong',0,NULL,NULL,1800001000.0);
INSERT INTO "alert" VALUES('01a21758-a3cb-70f3-a40b-348d716fcd32','CB-20270115-000003','gate|fire|zone-3|fire',0,NULL,'fire','closed','active',1,4,4,1800000002.0,1800000002.0,NULL,'gate','Cổng',NULL,'cua-nam','pc07',NULL,NULL,'fire',1,'zone-3','fire',0.8,0.4,0.4,0.1,0.1,1.00000000000000019e-02,1,'3 of 5 looks',0,NULL,1800001000.0,'first',1,1.00000000000000019e-02,NULL,'le',1800001000.0,NULL,'confirmed','le',1800001000.0,NULL,NULL,'le',1800001000.0,1800000002.0,1800000002.1,1.8000000021999998e+09,1800001000.0,1800001000.0,NULL,NULL,'cb-20270115-000003 gate cong',0,NULL,NULL,1800001000.0);
INSERT INTO "alert" VALUES('01a21758-a3d6-7b6d-9d0d-7cbfe632a7f3','CB-20270115-000004','gate|fire|zone-4|fire',1,NULL,'fire','acknowledged','active',1,2,2,1800000003.0,1800000003.0,NULL,'gate','Cổng',NULL,'cua-nam','pc07',NULL,NULL,'fire',1,'zone-4','fire',0.8,0.4,0.4,0.1,0.1,1.00000000000000019e-02,1,'3 of 5 looks',0,NULL,1800001000.0,'first',1,1.00000000000000019e-02,NULL,'an',1800001000.0,1800001120.0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,1800000003.0,1800000003.1,1.8000000031999998e+09,1800001000.0,1800001000.0,NULL,NULL,'cb-20270115-000004 gate cong',0,NULL,NULL,1800001000.0);
CREATE TABLE alert_change (
	seq BIGINT NOT NULL, 
	alert_id TEXT NOT NULL, 
	version INTEGER NOT NULL, 
	kind TEXT NOT NULL, 
	reason TEXT NOT NULL, 
	at DOUBLE NOT NULL, 
	CONSTRAINT pk_alert_change PRIMARY KEY (seq), 
	CONSTRAINT fk_alert_change_alert_id FOREIGN KEY(alert_id) REFERENCES alert (id)
);
INSERT INTO "alert_change" VALUES(1,'01a21758-a375-7565-a480-e60ac475ab92',1,'opened','first',1800001000.0);
INSERT INTO "alert_change" VALUES(2,'01a21758-a3a9-70a9-8071-90c43b4d73b2',1,'opened','first',1800001000.0);
INSERT INTO "alert_change" VALUES(3,'01a21758-a3cb-70f3-a40b-348d716fcd32',1,'opened','first',1800001000.0);
INSERT INTO "alert_change" VALUES(4,'01a21758-a3d6-7b6d-9d0d-7cbfe632a7f3',1,'opened','first',1800001000.0);
INSERT INTO "alert_change" VALUES(5,'01a21758-a3d6-7b6d-9d0d-7cbfe632a7f3',2,'acknowledged','taken',1800001000.0);
INSERT INTO "alert_change" VALUES(6,'01a21758-a3cb-70f3-a40b-348d716fcd32',2,'acknowledged','taken',1800001000.0);
INSERT INTO "alert_change" VALUES(7,'01a21758-a3cb-70f3-a40b-348d716fcd32',3,'confirmed','confirmed',1800001000.0);
INSERT INTO "alert_change" VALUES(8,'01a21758-a3cb-70f3-a40b-348d716fcd32',4,'closed','closed',1800001000.0);
INSERT INTO "alert_change" VALUES(9,'01a21758-a3a9-70a9-8071-90c43b4d73b2',2,'acknowledged','taken',1800001000.0);
INSERT INTO "alert_change" VALUES(10,'01a21758-a3a9-70a9-8071-90c43b4d73b2',3,'rejected','rejected',1800001000.0);
CREATE TABLE alert_number (
	day TEXT NOT NULL, 
	last INTEGER NOT NULL, 
	CONSTRAINT pk_alert_number PRIMARY KEY (day)
);
INSERT INTO "alert_number" VALUES('20270115',4);
CREATE TABLE api_token (
	id TEXT NOT NULL, 
	name TEXT NOT NULL, 
	token_sha256 TEXT NOT NULL, 
	roles TEXT NOT NULL, 
	powers TEXT NOT NULL, 
	agencies TEXT, 
	areas TEXT, 
	created_at DOUBLE NOT NULL, 
	expires_at DOUBLE NOT NULL, 
	revoked_at DOUBLE, 
	used_at DOUBLE, 
	CONSTRAINT pk_api_token PRIMARY KEY (id), 
	CONSTRAINT uq_api_token_token_sha256 UNIQUE (token_sha256)
);
INSERT INTO "api_token" VALUES('t','cad','0000000000000000000000000000000000000000000000000000000000000000','["operator"]','["read"]',NULL,NULL,1800001000.0,1800002000.0,NULL,NULL);
CREATE TABLE camera_span (
	camera_id TEXT NOT NULL, 
	since DOUBLE NOT NULL, 
	until DOUBLE, 
	state TEXT NOT NULL, 
	reason TEXT, 
	picture TEXT, 
	sees BOOLEAN NOT NULL, 
	began_outage BOOLEAN NOT NULL, 
	CONSTRAINT pk_camera_span PRIMARY KEY (camera_id, since)
);
CREATE TABLE drill (
	id TEXT NOT NULL, 
	scenario_id TEXT NOT NULL, 
	scenario_name TEXT NOT NULL, 
	right_verdict TEXT NOT NULL, 
	camera_id TEXT NOT NULL, 
	camera_name TEXT NOT NULL, 
	area TEXT, 
	agency TEXT, 
	event_id TEXT NOT NULL, 
	started_by TEXT NOT NULL, 
	started_at DOUBLE NOT NULL, 
	ended_at DOUBLE, 
	ended_by TEXT, 
	failure TEXT, 
	CONSTRAINT pk_drill PRIMARY KEY (id), 
	CONSTRAINT uq_drill_event_id UNIQUE (event_id)
);
CREATE TABLE episode_event (
	event_id TEXT NOT NULL, 
	alert_id TEXT NOT NULL, 
	active BOOLEAN NOT NULL, 
	last_at DOUBLE NOT NULL, 
	CONSTRAINT pk_episode_event PRIMARY KEY (event_id), 
	CONSTRAINT fk_episode_event_alert_id FOREIGN KEY(alert_id) REFERENCES alert (id)
);
INSERT INTO "episode_event" VALUES('event-1','01a21758-a375-7565-a480-e60ac475ab92',1,1800000000.0);
INSERT INTO "episode_event" VALUES('event-2','01a21758-a3a9-70a9-8071-90c43b4d73b2',1,1800000001.0);
INSERT INTO "episode_event" VALUES('event-3','01a21758-a3cb-70f3-a40b-348d716fcd32',1,1800000002.0);
INSERT INTO "episode_event" VALUES('event-4','01a21758-a3d6-7b6d-9d0d-7cbfe632a7f3',1,1800000003.0);
CREATE TABLE event (
	id TEXT NOT NULL, 
	event_id TEXT NOT NULL, 
	source TEXT NOT NULL, 
	producer_epoch BIGINT NOT NULL, 
	producer_seq BIGINT NOT NULL, 
	phase TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	camera_id TEXT NOT NULL, 
	rule_id TEXT NOT NULL, 
	rule_version INTEGER NOT NULL, 
	zone_id TEXT, 
	priority INTEGER NOT NULL, 
	box_x DOUBLE NOT NULL, 
	box_y DOUBLE NOT NULL, 
	box_w DOUBLE NOT NULL, 
	box_h DOUBLE NOT NULL, 
	confidence DOUBLE NOT NULL, 
	label TEXT NOT NULL, 
	track_id BIGINT, 
	model_name TEXT NOT NULL, 
	model_sha256 TEXT NOT NULL, 
	at_s DOUBLE NOT NULL, 
	captured_at DOUBLE NOT NULL, 
	inferred_at DOUBLE NOT NULL, 
	spooled_at DOUBLE NOT NULL, 
	queued_at DOUBLE NOT NULL, 
	stored_at DOUBLE NOT NULL, 
	reason TEXT NOT NULL, 
	unchecked BOOLEAN NOT NULL, 
	evidence_only BOOLEAN NOT NULL, 
	evidence_error TEXT, 
	alert_id TEXT, 
	folding TEXT, exercise BOOLEAN DEFAULT 0 NOT NULL, 
	CONSTRAINT pk_event PRIMARY KEY (id), 
	CONSTRAINT fk_event_alert_id FOREIGN KEY(alert_id) REFERENCES alert (id), 
	CONSTRAINT uq_event_sequence UNIQUE (source, producer_epoch, producer_seq)
);
INSERT INTO "event" VALUES('message-1','event-1','worker-1',1,1,'raised','fire','gate','fire',1,'zone-1',1,0.4,0.4,0.1,0.1,0.8,'fire',NULL,'model','abababababababababababababababababababababababababababababababab',10.0,1800000000.0,1800000000.1,1.8000000001999998e+09,1800001000.0,1800001000.0,'3 of 5 looks',0,0,NULL,'01a21758-a375-7565-a480-e60ac475ab92','first',0);
INSERT INTO "event" VALUES('message-2','event-2','worker-1',1,2,'updated','fire','gate','fire',1,'zone-2',1,0.4,0.4,0.1,0.1,0.8,'fire',NULL,'model','abababababababababababababababababababababababababababababababab',11.0,1800000001.0,1800000001.1,1.8000000011999998e+09,1800001000.0,1800001000.0,'3 of 5 looks',0,0,NULL,'01a21758-a3a9-70a9-8071-90c43b4d73b2','first',0);
INSERT INTO "event" VALUES('message-3','event-3','worker-1',1,3,'updated','fire','gate','fire',1,'zone-3',1,0.4,0.4,0.1,0.1,0.8,'fire',NULL,'model','abababababababababababababababababababababababababababababababab',12.0,1800000002.0,1800000002.1,1.8000000021999998e+09,1800001000.0,1800001000.0,'3 of 5 looks',0,0,NULL,'01a21758-a3cb-70f3-a40b-348d716fcd32','first',0);
INSERT INTO "event" VALUES('message-4','event-4','worker-1',1,4,'updated','fire','gate','fire',1,'zone-4',1,0.4,0.4,0.1,0.1,0.8,'fire',NULL,'model','abababababababababababababababababababababababababababababababab',13.0,1800000003.0,1800000003.1,1.8000000031999998e+09,1800001000.0,1800001000.0,'3 of 5 looks',0,0,NULL,'01a21758-a3d6-7b6d-9d0d-7cbfe632a7f3','first',0);
CREATE TABLE event_gap (
	source TEXT NOT NULL, 
	producer_epoch BIGINT NOT NULL, 
	first_seq BIGINT NOT NULL, 
	last_seq BIGINT NOT NULL, 
	noticed_at DOUBLE NOT NULL, 
	CONSTRAINT pk_event_gap PRIMARY KEY (source, producer_epoch, first_seq)
);
CREATE TABLE evidence (
	id TEXT NOT NULL, 
	alert_id TEXT, 
	event_id TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	path TEXT NOT NULL, 
	sha256 TEXT NOT NULL, 
	bytes BIGINT NOT NULL, 
	added_at DOUBLE NOT NULL, 
	deleted_at DOUBLE, 
	CONSTRAINT pk_evidence PRIMARY KEY (id), 
	CONSTRAINT fk_evidence_alert_id FOREIGN KEY(alert_id) REFERENCES alert (id), 
	CONSTRAINT uq_evidence_path UNIQUE (path)
);
INSERT INTO "evidence" VALUES('01a21758-a376-7d01-8c6a-7dbd73e0928d','01a21758-a375-7565-a480-e60ac475ab92','event-1','clip','2027/1/clip.mp4','abababababababababababababababababababababababababababababababab',1,1800001000.0,NULL);
INSERT INTO "evidence" VALUES('01a21758-a3aa-7e9c-b36b-8c36ba8c89d3','01a21758-a3a9-70a9-8071-90c43b4d73b2','event-2','clip','2027/2/clip.mp4','abababababababababababababababababababababababababababababababab',2,1800001000.0,NULL);
INSERT INTO "evidence" VALUES('01a21758-a3cc-7ac7-82e4-81163c75e448','01a21758-a3cb-70f3-a40b-348d716fcd32','event-3','clip','2027/3/clip.mp4','abababababababababababababababababababababababababababababababab',3,1800001000.0,NULL);
INSERT INTO "evidence" VALUES('01a21758-a3d7-7271-afe5-7438e175fa11','01a21758-a3d6-7b6d-9d0d-7cbfe632a7f3','event-4','clip','2027/4/clip.mp4','abababababababababababababababababababababababababababababababab',4,1800001000.0,NULL);
CREATE TABLE handover (
	id TEXT NOT NULL, 
	shift_id TEXT NOT NULL, 
	from_username TEXT NOT NULL, 
	to_username TEXT, 
	offered_at DOUBLE NOT NULL, 
	note TEXT, 
	sheet TEXT NOT NULL, 
	closed_at DOUBLE, 
	outcome TEXT, 
	CONSTRAINT pk_handover PRIMARY KEY (id), 
	CONSTRAINT fk_handover_shift_id FOREIGN KEY(shift_id) REFERENCES shift (id)
);
CREATE TABLE hold (
	id TEXT NOT NULL, 
	alert_id TEXT NOT NULL, 
	reason TEXT NOT NULL, 
	set_by TEXT NOT NULL, 
	set_at DOUBLE NOT NULL, 
	ended_at DOUBLE, 
	ended_by TEXT, 
	end_reason TEXT, 
	CONSTRAINT pk_hold PRIMARY KEY (id), 
	CONSTRAINT fk_hold_alert_id_alert FOREIGN KEY(alert_id) REFERENCES alert (id)
);
CREATE TABLE idempotency (
	username TEXT NOT NULL, 
	"key" TEXT NOT NULL, 
	body_sha256 TEXT NOT NULL, 
	result TEXT NOT NULL, 
	at DOUBLE NOT NULL, 
	CONSTRAINT pk_idempotency PRIMARY KEY (username, "key")
);
INSERT INTO "idempotency" VALUES('an','01a21758-a3d6-7b6d-9d0d-7cbfe632a7f3 acknowledge','d0f2976b3c0d65d9b80663d19be7344b1da298d5ce452a8c7bbb4913790fd2e0','{"outcome":"done","why":"taken","alert":{"id":"01a21758-a3d6-7b6d-9d0d-7cbfe632a7f3","number":"CB-20270115-000004","kind":"fire","state":"acknowledged","condition":"active","priority":1,"version":2,"raised_at":1800000003.0,"last_seen_at":1800000003.0,"cleared_at":null,"camera_id":"gate","camera_name":"Cổng","place":null,"area":"cua-nam","agency":"pc07","lat":null,"lon":null,"rule_id":"fire","zone_id":"zone-4","label":"fire","confidence":0.8,"box":[0.4,0.4,0.1,0.1],"detections":1,"reason":"3 of 5 looks","unchecked":false,"evidence_error":null,"spoke_at":1800001000.0,"spoke_reason":"first","escalated_at":null,"recurrence_of":null,"owner":"an","owner_name":"an","acknowledged_at":1800001000.0,"lease_until":1800001120.0,"verdict_by":null,"reject_reason":null,"cosign_wanted_by":null,"closed_by":null,"closed_at":null,"snapshot":null,"snapshot_boxed":null,"clip":"01a21758-a3d7-7271-afe5-7438e175fa11","steps":{"captured":1800000003.0,"inferred":1800000003.1,"spooled":1800000003.1999998,"queued":1800001000.0,"stored":1800001000.0,"pushed":null,"rendered":null,"acknowledged":1800001000.0,"verified":null,"closed":null},"exercise":false,"shelf_id":null,"shelved_until":null,"held_since":1800001000.0},"by":"an","by_name":"an","at":1800001000.0,"replayed":false}',1800001000.0);
INSERT INTO "idempotency" VALUES('le','01a21758-a3cb-70f3-a40b-348d716fcd32 acknowledge','bbe599e8531dee7c900127d97c8d251c1c3bccaf492e793bc100ff78ce66b6ad','{"outcome":"done","why":"taken","alert":{"id":"01a21758-a3cb-70f3-a40b-348d716fcd32","number":"CB-20270115-000003","kind":"fire","state":"acknowledged","condition":"active","priority":1,"version":2,"raised_at":1800000002.0,"last_seen_at":1800000002.0,"cleared_at":null,"camera_id":"gate","camera_name":"Cổng","place":null,"area":"cua-nam","agency":"pc07","lat":null,"lon":null,"rule_id":"fire","zone_id":"zone-3","label":"fire","confidence":0.8,"box":[0.4,0.4,0.1,0.1],"detections":1,"reason":"3 of 5 looks","unchecked":false,"evidence_error":null,"spoke_at":1800001000.0,"spoke_reason":"first","escalated_at":null,"recurrence_of":null,"owner":"le","owner_name":"le","acknowledged_at":1800001000.0,"lease_until":1800001120.0,"verdict_by":null,"reject_reason":null,"cosign_wanted_by":null,"closed_by":null,"closed_at":null,"snapshot":null,"snapshot_boxed":null,"clip":"01a21758-a3cc-7ac7-82e4-81163c75e448","steps":{"captured":1800000002.0,"inferred":1800000002.1,"spooled":1800000002.1999998,"queued":1800001000.0,"stored":1800001000.0,"pushed":null,"rendered":null,"acknowledged":1800001000.0,"verified":null,"closed":null},"exercise":false,"shelf_id":null,"shelved_until":null,"held_since":1800001000.0},"by":"le","by_name":"le","at":1800001000.0,"replayed":false}',1800001000.0);
INSERT INTO "idempotency" VALUES('le','01a21758-a3cb-70f3-a40b-348d716fcd32 confirm','54d29a606db26b167c88a0d18b2012c9ca7a7a0a7e9bcaafb847ff0d6a2d212c','{"outcome":"done","why":"confirmed","alert":{"id":"01a21758-a3cb-70f3-a40b-348d716fcd32","number":"CB-20270115-000003","kind":"fire","state":"confirmed","condition":"active","priority":1,"version":3,"raised_at":1800000002.0,"last_seen_at":1800000002.0,"cleared_at":null,"camera_id":"gate","camera_name":"Cổng","place":null,"area":"cua-nam","agency":"pc07","lat":null,"lon":null,"rule_id":"fire","zone_id":"zone-3","label":"fire","confidence":0.8,"box":[0.4,0.4,0.1,0.1],"detections":1,"reason":"3 of 5 looks","unchecked":false,"evidence_error":null,"spoke_at":1800001000.0,"spoke_reason":"first","escalated_at":null,"recurrence_of":null,"owner":"le","owner_name":"le","acknowledged_at":1800001000.0,"lease_until":null,"verdict_by":"le","reject_reason":null,"cosign_wanted_by":null,"closed_by":null,"closed_at":null,"snapshot":null,"snapshot_boxed":null,"clip":"01a21758-a3cc-7ac7-82e4-81163c75e448","steps":{"captured":1800000002.0,"inferred":1800000002.1,"spooled":1800000002.1999998,"queued":1800001000.0,"stored":1800001000.0,"pushed":null,"rendered":null,"acknowledged":1800001000.0,"verified":1800001000.0,"closed":null},"exercise":false,"shelf_id":null,"shelved_until":null,"held_since":1800001000.0},"by":"le","by_name":"le","at":1800001000.0,"replayed":false}',1800001000.0);
INSERT INTO "idempotency" VALUES('le','01a21758-a3cb-70f3-a40b-348d716fcd32 close','0de0df492de3f301f8de0cdbf2aa6e205f3617a282609819b9014bdc27f168cf','{"outcome":"done","why":"closed","alert":{"id":"01a21758-a3cb-70f3-a40b-348d716fcd32","number":"CB-20270115-000003","kind":"fire","state":"closed","condition":"active","priority":1,"version":4,"raised_at":1800000002.0,"last_seen_at":1800000002.0,"cleared_at":null,"camera_id":"gate","camera_name":"Cổng","place":null,"area":"cua-nam","agency":"pc07","lat":null,"lon":null,"rule_id":"fire","zone_id":"zone-3","label":"fire","confidence":0.8,"box":[0.4,0.4,0.1,0.1],"detections":1,"reason":"3 of 5 looks","unchecked":false,"evidence_error":null,"spoke_at":1800001000.0,"spoke_reason":"first","escalated_at":null,"recurrence_of":null,"owner":"le","owner_name":"le","acknowledged_at":1800001000.0,"lease_until":null,"verdict_by":"le","reject_reason":null,"cosign_wanted_by":null,"closed_by":"le","closed_at":1800001000.0,"snapshot":null,"snapshot_boxed":null,"clip":"01a21758-a3cc-7ac7-82e4-81163c75e448","steps":{"captured":1800000002.0,"inferred":1800000002.1,"spooled":1800000002.1999998,"queued":1800001000.0,"stored":1800001000.0,"pushed":null,"rendered":null,"acknowledged":1800001000.0,"verified":1800001000.0,"closed":1800001000.0},"exercise":false,"shelf_id":null,"shelved_until":null,"held_since":1800001000.0},"by":"le","by_name":"le","at":1800001000.0,"replayed":false}',1800001000.0);
INSERT INTO "idempotency" VALUES('le','01a21758-a3a9-70a9-8071-90c43b4d73b2 acknowledge','ca823d293dc3b52f9c0a47600890c005aecdbd2321d08e459b17d74f9bd4da7a','{"outcome":"done","why":"taken","alert":{"id":"01a21758-a3a9-70a9-8071-90c43b4d73b2","number":"CB-20270115-000002","kind":"fire","state":"acknowledged","condition":"active","priority":1,"version":2,"raised_at":1800000001.0,"last_seen_at":1800000001.0,"cleared_at":null,"camera_id":"gate","camera_name":"Cổng","place":null,"area":"cua-nam","agency":"pc07","lat":null,"lon":null,"rule_id":"fire","zone_id":"zone-2","label":"fire","confidence":0.8,"box":[0.4,0.4,0.1,0.1],"detections":1,"reason":"3 of 5 looks","unchecked":false,"evidence_error":null,"spoke_at":1800001000.0,"spoke_reason":"first","escalated_at":null,"recurrence_of":null,"owner":"le","owner_name":"le","acknowledged_at":1800001000.0,"lease_until":1800001120.0,"verdict_by":null,"reject_reason":null,"cosign_wanted_by":null,"closed_by":null,"closed_at":null,"snapshot":null,"snapshot_boxed":null,"clip":"01a21758-a3aa-7e9c-b36b-8c36ba8c89d3","steps":{"captured":1800000001.0,"inferred":1800000001.1,"spooled":1800000001.1999998,"queued":1800001000.0,"stored":1800001000.0,"pushed":null,"rendered":null,"acknowledged":1800001000.0,"verified":null,"closed":null},"exercise":false,"shelf_id":null,"shelved_until":null,"held_since":1800001000.0},"by":"le","by_name":"le","at":1800001000.0,"replayed":false}',1800001000.0);
INSERT INTO "idempotency" VALUES('le','01a21758-a3a9-70a9-8071-90c43b4d73b2 reject','c54983611c8f42f8a2192b23a171e3e18c5c54b1e173267a36dc74b9f019214c','{"outcome":"done","why":"rejected","alert":{"id":"01a21758-a3a9-70a9-8071-90c43b4d73b2","number":"CB-20270115-000002","kind":"fire","state":"rejected","condition":"active","priority":1,"version":3,"raised_at":1800000001.0,"last_seen_at":1800000001.0,"cleared_at":null,"camera_id":"gate","camera_name":"Cổng","place":null,"area":"cua-nam","agency":"pc07","lat":null,"lon":null,"rule_id":"fire","zone_id":"zone-2","label":"fire","confidence":0.8,"box":[0.4,0.4,0.1,0.1],"detections":1,"reason":"3 of 5 looks","unchecked":false,"evidence_error":null,"spoke_at":1800001000.0,"spoke_reason":"first","escalated_at":null,"recurrence_of":null,"owner":"le","owner_name":"le","acknowledged_at":1800001000.0,"lease_until":null,"verdict_by":"le","reject_reason":"steam","cosign_wanted_by":null,"closed_by":null,"closed_at":null,"snapshot":null,"snapshot_boxed":null,"clip":"01a21758-a3aa-7e9c-b36b-8c36ba8c89d3","steps":{"captured":1800000001.0,"inferred":1800000001.1,"spooled":1800000001.1999998,"queued":1800001000.0,"stored":1800001000.0,"pushed":null,"rendered":null,"acknowledged":1800001000.0,"verified":1800001000.0,"closed":null},"exercise":false,"shelf_id":null,"shelved_until":null,"held_since":1800001000.0},"by":"le","by_name":"le","at":1800001000.0,"replayed":false}',1800001000.0);
CREATE TABLE ledger (
	id INTEGER NOT NULL, 
	change_seq BIGINT NOT NULL, 
	oldest_change_seq BIGINT NOT NULL, 
	log_seq BIGINT NOT NULL, 
	log_hash TEXT NOT NULL, 
	CONSTRAINT pk_ledger PRIMARY KEY (id)
);
INSERT INTO "ledger" VALUES(1,10,1,12,'57bee6e88dba61663c3b03c94e17df709b99d8903687cf476d9b3899956607e9');
CREATE TABLE lived_day (
	day INTEGER NOT NULL, 
	seq INTEGER NOT NULL, 
	CONSTRAINT pk_lived_day PRIMARY KEY (day), 
	CONSTRAINT uq_lived_day_seq UNIQUE (seq)
);
CREATE TABLE login_attempt (
	id INTEGER NOT NULL, 
	username TEXT NOT NULL, 
	client TEXT NOT NULL, 
	at DOUBLE NOT NULL, 
	succeeded BOOLEAN NOT NULL, 
	CONSTRAINT pk_login_attempt PRIMARY KEY (id)
);
CREATE TABLE producer (
	source TEXT NOT NULL, 
	producer_epoch BIGINT NOT NULL, 
	highest_seq BIGINT NOT NULL, 
	last_at DOUBLE NOT NULL, 
	CONSTRAINT pk_producer PRIMARY KEY (source, producer_epoch)
);
INSERT INTO "producer" VALUES('worker-1',1,4,1800001000.0);
CREATE TABLE recorded_span (
	since DOUBLE NOT NULL, 
	until DOUBLE NOT NULL, 
	CONSTRAINT pk_recorded_span PRIMARY KEY (since)
);
CREATE TABLE session (
	token_sha256 TEXT NOT NULL, 
	username TEXT NOT NULL, 
	csrf TEXT NOT NULL, 
	created_at DOUBLE NOT NULL, 
	expires_at DOUBLE NOT NULL, 
	CONSTRAINT pk_session PRIMARY KEY (token_sha256), 
	CONSTRAINT fk_session_username FOREIGN KEY(username) REFERENCES user_account (username)
);
INSERT INTO "session" VALUES('ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff','an','csrf',1800001000.0,1800002000.0);
CREATE TABLE shelf (
	id TEXT NOT NULL, 
	name TEXT NOT NULL, 
	camera_id TEXT NOT NULL, 
	camera_name TEXT NOT NULL, 
	rule_id TEXT, 
	zone_id TEXT, 
	area TEXT, 
	agency TEXT, 
	reason TEXT NOT NULL, 
	covers_p1 BOOLEAN NOT NULL, 
	set_by TEXT NOT NULL, 
	set_at DOUBLE NOT NULL, 
	until DOUBLE NOT NULL, 
	ended_at DOUBLE, 
	ended_by TEXT, 
	end_reason TEXT, 
	CONSTRAINT pk_shelf PRIMARY KEY (id)
);
CREATE TABLE shift (
	id TEXT NOT NULL, 
	username TEXT NOT NULL, 
	role TEXT NOT NULL, 
	taken_at DOUBLE NOT NULL, 
	sound_heard BOOLEAN, 
	ended_at DOUBLE, 
	ended_by TEXT, 
	relieved_by TEXT, 
	CONSTRAINT pk_shift PRIMARY KEY (id)
);
INSERT INTO "shift" VALUES('01a21758-a5c8-7ae8-9009-d356bbeae17f','an','operator',1800001000.0,1,NULL,NULL,NULL);
CREATE TABLE user_account (
	username TEXT NOT NULL, 
	name TEXT NOT NULL, 
	locale TEXT NOT NULL, 
	password_hash TEXT NOT NULL, 
	agencies TEXT, 
	areas TEXT, 
	disabled BOOLEAN NOT NULL, 
	created_at DOUBLE NOT NULL, roles TEXT DEFAULT '' NOT NULL, 
	CONSTRAINT pk_user_account PRIMARY KEY (username)
);
INSERT INTO "user_account" VALUES('an','an','vi','h',NULL,NULL,0,1800001000.0,'["operator"]');
CREATE INDEX ix_action_log_object ON action_log (object_id, seq);
CREATE INDEX ix_alert_by_camera ON alert (camera_id, raised_at DESC);
CREATE INDEX ix_alert_by_key ON alert (dedup_key, raised_at DESC);
CREATE INDEX ix_alert_by_state ON alert (state, raised_at DESC);
CREATE INDEX ix_alert_lease ON alert (lease_until) WHERE lease_until IS NOT NULL;
CREATE INDEX ix_alert_newest ON alert (raised_at DESC, id DESC);
CREATE UNIQUE INDEX uq_alert_open_episode ON alert (dedup_key) WHERE episode_open IS 1;
CREATE INDEX ix_alert_change_at ON alert_change (at);
CREATE INDEX ix_episode_event_alert ON episode_event (alert_id, active);
CREATE INDEX ix_event_alert ON event (alert_id);
CREATE INDEX ix_event_event_id ON event (event_id);
CREATE INDEX ix_event_kind ON event (kind, stored_at DESC);
CREATE INDEX ix_evidence_alert ON evidence (alert_id);
CREATE INDEX ix_evidence_event ON evidence (event_id);
CREATE INDEX ix_idempotency_at ON idempotency (at);
CREATE INDEX ix_login_attempt_username ON login_attempt (username, at);
CREATE INDEX ix_session_username ON session (username);
CREATE UNIQUE INDEX uq_shift_open ON shift (username) WHERE ended_at IS NULL;
CREATE INDEX ix_shift_taken ON shift (taken_at DESC);
CREATE INDEX ix_shift_ended ON shift (ended_at);
CREATE UNIQUE INDEX uq_handover_open ON handover (shift_id) WHERE closed_at IS NULL;
CREATE INDEX ix_handover_offered ON handover (offered_at DESC);
CREATE INDEX ix_drill_started ON drill (started_at DESC);
CREATE INDEX ix_shelf_in_force ON shelf (camera_id) WHERE ended_at IS NULL;
CREATE INDEX ix_shelf_ended ON shelf (ended_at);
CREATE INDEX ix_alert_on_shelf ON alert (shelf_id) WHERE shelf_id IS NOT NULL;
CREATE UNIQUE INDEX uq_hold_in_force ON hold (alert_id) WHERE ended_at IS NULL;
CREATE INDEX ix_camera_span_until ON camera_span (until);
CREATE INDEX ix_alert_verdict ON alert (dedup_key, verdict_at);
COMMIT;
