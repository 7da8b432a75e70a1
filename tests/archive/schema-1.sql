-- A store of schema 1 with one study of two revisions, a result and a job, as sqlite3.Connection.iterdump wrote it.
BEGIN TRANSACTION;
CREATE TABLE blob (
        sha256 text primary key, suffix text not null, bytes integer not null, created_at text not null);
INSERT INTO "blob" VALUES('6fc99f5f7edbe94b9001ac3284c1e2acd92095061cead5ab77525cafa0020c55','json',14,'2026-11-22T01:40:07.178+00:00');
CREATE TABLE job (
        id text primary key, kind text not null, fingerprint text not null, payload text not null,
        state text not null check (state in ('queued', 'running', 'done', 'failed', 'cancelled', 'interrupted')),
        share real not null default 0, stage text not null default '', message text not null default '',
        outcomes text not null default '[]', owner text not null, pid integer,
        created_at text not null, started_at text, ended_at text);
INSERT INTO "job" VALUES('204bd35d892f7af16fbdfca2','answer','1111111111111111111111111111111111111111111111111111111111111111','{"table_sha": "0000000000000000000000000000000000000000000000000000000000000000", "specs": []}','done',1.0,'starting','','[]','7985:1795311606.76',1,'2026-11-22T01:40:07.216+00:00','2026-11-22T01:40:07.217+00:00','2026-11-22T01:40:07.224+00:00');
CREATE TABLE job_study (
        study_id text not null, job_id text not null references job (id), primary key (study_id, job_id));
INSERT INTO "job_study" VALUES('01M80EJ7BYJ3G0SQ0C8PAB8WVW','204bd35d892f7af16fbdfca2');
CREATE TABLE meta (schema_version integer not null);
INSERT INTO "meta" VALUES(1);
CREATE TABLE result (
        key text primary key, analysis text not null references blob (sha256),
        scores text references blob (sha256), created_at text not null);
INSERT INTO "result" VALUES('0000000000000000000000000000000000000000000000000000000000000000','6fc99f5f7edbe94b9001ac3284c1e2acd92095061cead5ab77525cafa0020c55',NULL,'2026-11-22T01:40:07.179+00:00');
CREATE TABLE revision (
        study_id text not null references study (id), number integer not null,
        document text not null, sha256 text not null, saved_at text not null, note text not null,
        primary key (study_id, number));
INSERT INTO "revision" VALUES('01M80EJ7BYJ3G0SQ0C8PAB8WVW',1,'{"analyses":[],"graph":null,"id":"01M80EJ7BYJ3G0SQ0C8PAB8WVW","log":null,"question":null,"recipe":null,"specs":[],"title":"Does the new algorithm engage?","view":{}}','be3c25a4560af1df1bba35412a8bd05aabc3ebd09c4ef918e2c7de40ca171f1f','2026-11-22T01:40:07.166+00:00','Started');
INSERT INTO "revision" VALUES('01M80EJ7BYJ3G0SQ0C8PAB8WVW',2,'{"analyses":[],"graph":null,"id":"01M80EJ7BYJ3G0SQ0C8PAB8WVW","log":{"blob":null,"name":"classic","sample":true},"question":{"control":"old","outcome":"engagement","target":"everyone","treated":"new","treatment":"algorithm"},"recipe":null,"specs":[],"title":"Does the new algorithm engage?","view":{}}','d52ed054ce9e5077c164f38b872830a7d5ae34e9fcb44d677625fb4fa1112397','2026-11-22T01:40:07.175+00:00','opened a sample');
CREATE TABLE study (
        id text primary key, title text not null, revision integer not null,
        created_at text not null, saved_at text not null, deleted_at text);
INSERT INTO "study" VALUES('01M80EJ7BYJ3G0SQ0C8PAB8WVW','Does the new algorithm engage?',2,'2026-11-22T01:40:07.166+00:00','2026-11-22T01:40:07.175+00:00',NULL);
CREATE INDEX job_by_fingerprint on job (fingerprint, state);
CREATE INDEX job_by_state on job (state);
COMMIT;
