-- The store of vanban: one SQLite file. Made to be read with the sqlite3 shell as well; start with
-- the views at the end. docs/schema.md explains every table with examples.
--
-- Two kinds of tables. What was READ: document, path, content, citation, mention, task, task_unit,
-- unit, failure, search. What was CONCLUDED from it: node, holding, edge, rival. The second kind
-- can be dropped and made again; `dirty` names the blocks for which that is due.

-- One row for each file content, whatever its names. Columns from the letterhead are null where
-- nothing was read.
CREATE TABLE document (
    id          INTEGER PRIMARY KEY,
    digest      BLOB NOT NULL UNIQUE CHECK (length(digest) = 32), -- BLAKE3 of the file's bytes
    format      TEXT NOT NULL,          -- txt, html, pdf, png, docx, ...
    pages       INTEGER NOT NULL,
    reader      TEXT NOT NULL,          -- version of the program that read it
    record_hash BLOB NOT NULL,          -- BLAKE3 of the record, to know a changed reading
    key         TEXT,                   -- number and symbol as printed: 1927/KH-UBND
    folded      TEXT,                   -- its comparison form: 1927/khubnd
    number      TEXT,                   -- số
    symbol      TEXT,                   -- ký hiệu
    kind        TEXT,                   -- tên loại: Kế hoạch
    issuer      TEXT,                   -- cơ quan ban hành
    parent      TEXT,                   -- cơ quan chủ quản
    place       TEXT,                   -- địa danh
    date        TEXT,                   -- day of issue, ISO 8601
    subject     TEXT,                   -- trích yếu
    signer      TEXT,                   -- người ký
    position    TEXT,                   -- chức vụ
    -- What identity makes of it (see "Keys" in docs/schema.md).
    block       TEXT NOT NULL,          -- series and number: kh-ubnd/1927
    year        INTEGER,
    scope       TEXT,                   -- province of the issuer, 'vn' for the whole state
    said        INTEGER NOT NULL,       -- 1 if the words say the scope
    unit        TEXT                    -- body below it; '' if the symbol says enough
);
CREATE INDEX document_block ON document (block);
CREATE INDEX document_date ON document (date);

-- Where each file was seen. One content may have many names, one name many contents over time.
CREATE TABLE path (
    document    INTEGER NOT NULL REFERENCES document (id) ON DELETE CASCADE,
    path        TEXT NOT NULL,
    PRIMARY KEY (document, path)
) WITHOUT ROWID;
CREATE INDEX path_path ON path (path);

-- Which documents came in another file: an archive, a mail (itself a document), an envelope of document
-- exchange. Their paths go on inside it: plans.zip/2024/plan.docx.
CREATE TABLE member (
    container   BLOB NOT NULL,          -- BLAKE3 of that file's bytes
    name        TEXT NOT NULL,          -- name in it
    format      TEXT NOT NULL,          -- zip, 7z, eml, edxml
    document    INTEGER NOT NULL REFERENCES document (id) ON DELETE CASCADE,
    PRIMARY KEY (container, name)
) WITHOUT ROWID;
CREATE INDEX member_document ON member (document);

-- The repaired text and the whole record as JSON (without the text), each zstd-compressed. With
-- the sqlite3 shell these are opaque: `vanban show KEY --json` prints them.
CREATE TABLE content (
    document    INTEGER PRIMARY KEY REFERENCES document (id) ON DELETE CASCADE,
    text        BLOB NOT NULL,
    record      BLOB NOT NULL
);

-- One row for each document that a document cites.
CREATE TABLE citation (
    id          INTEGER PRIMARY KEY,
    document    INTEGER NOT NULL REFERENCES document (id) ON DELETE CASCADE, -- the citing one
    ordinal     INTEGER NOT NULL,       -- place in the record, from 0
    key         TEXT,                   -- as printed; null for a law cited by name
    name        TEXT,                   -- law's name, or the words of a short reference
    title       TEXT,
    kind        TEXT,
    date        TEXT,
    issuer      TEXT,                   -- as printed
    relation    TEXT NOT NULL,          -- based_on, implements, guides, amends, replaces, ...
    locator     TEXT,                   -- khoản 2 Điều 18
    confidence  REAL NOT NULL,          -- that it was read rightly, 0 to 1
    block       TEXT NOT NULL,          -- as in document
    year        INTEGER,
    scope       TEXT,
    said        INTEGER NOT NULL,
    unit        TEXT,
    antecedent  INTEGER,                -- ordinal of the citation that a short reference takes over
    UNIQUE (document, ordinal)
);
CREATE INDEX citation_block ON citation (block);

-- Every place where the text mentions the cited document: the evidence.
CREATE TABLE mention (
    citation    INTEGER NOT NULL REFERENCES citation (id) ON DELETE CASCADE,
    ordinal     INTEGER NOT NULL,
    words       TEXT NOT NULL,          -- the mention in the repaired text
    raw         TEXT,                   -- what the file has there, where that differs
    sentence    TEXT NOT NULL,          -- the sentence around it
    start       INTEGER NOT NULL,       -- first byte in the repaired text
    stop        INTEGER NOT NULL,       -- one past the last
    page        INTEGER NOT NULL,       -- from 1
    PRIMARY KEY (citation, ordinal)
) WITHOUT ROWID;

-- What somebody is to do.
CREATE TABLE task (
    id          INTEGER PRIMARY KEY,
    document    INTEGER NOT NULL REFERENCES document (id) ON DELETE CASCADE,
    ordinal     INTEGER NOT NULL,
    text        TEXT NOT NULL,
    deadline    TEXT,                   -- the words; null without a deadline
    kind        TEXT,                   -- before, interval, recurring, event
    due_start   TEXT,                   -- first day, ISO 8601
    due_end     TEXT,                   -- last day as printed
    inclusive   INTEGER,                -- 1 if due_end itself still counts
    tentative   INTEGER,                -- 1 for "dự kiến"
    recurrence  TEXT,                   -- RFC 5545 rule
    anchor      TEXT,                   -- what an event deadline waits for
    page        INTEGER NOT NULL,
    confidence  REAL NOT NULL,
    UNIQUE (document, ordinal)
);
CREATE INDEX task_due ON task (due_end) WHERE due_end IS NOT NULL;

-- Names of units as tasks print them.
CREATE TABLE unit (
    id          INTEGER PRIMARY KEY,
    name        TEXT NOT NULL UNIQUE,
    folded      TEXT NOT NULL           -- without diacritics, abbreviations written out
);
CREATE INDEX unit_folded ON unit (folded);

-- Who does a task.
CREATE TABLE task_unit (
    task        INTEGER NOT NULL REFERENCES task (id) ON DELETE CASCADE,
    ordinal     INTEGER NOT NULL,
    role        TEXT NOT NULL,          -- lead (chủ trì) or coordinate (phối hợp)
    unit        INTEGER NOT NULL REFERENCES unit (id),
    PRIMARY KEY (task, ordinal)
) WITHOUT ROWID;
CREATE INDEX task_unit_unit ON task_unit (unit);

-- Files that could not be read. A later success removes the row.
CREATE TABLE failure (
    path        TEXT PRIMARY KEY,
    digest      BLOB,                   -- where the bytes could be read
    reason      TEXT NOT NULL
) WITHOUT ROWID;

-- Full text, once as it is and once without diacritics; rowid is document.id. SQLite folds no đ,
-- so both columns are stored and none is folded by the tokenizer. Needs SQLite 3.43.
CREATE VIRTUAL TABLE search USING fts5 (
    body, folded, content = '', contentless_delete = 1, tokenize = "unicode61 remove_diacritics 0"
);

-- One row for each document of the graph: those that are held and those that are only cited.
CREATE TABLE node (
    id          INTEGER PRIMARY KEY,
    key         TEXT NOT NULL UNIQUE,   -- kh-ubnd/1927/2024/ho-chi-minh
    state       TEXT NOT NULL,          -- held, cited, partial, local
    printed     TEXT NOT NULL,          -- 1927/KH-UBND, or a name
    number      TEXT NOT NULL,          -- without leading zeros; '' for a name
    letters     TEXT NOT NULL,          -- of the symbol, folded: khubnd
    class       TEXT,                   -- folded code of the type: kh
    kind        TEXT,
    issuer      TEXT,
    title       TEXT,
    year        INTEGER,
    date        TEXT,
    place       TEXT,                   -- province's slug, 'vn' for the whole state
    unit        TEXT,                   -- body below it; '' if the symbol says enough, null if not known
    cited       INTEGER NOT NULL,       -- how many other documents cite it
    block       TEXT NOT NULL
);
CREATE INDEX node_number ON node (number, letters);
CREATE INDEX node_block ON node (block);
CREATE INDEX node_class ON node (class, number) WHERE state = 'held';
CREATE INDEX node_wanted ON node (cited DESC) WHERE state IN ('cited', 'partial');

-- Which document is which node. Two files of one document share the node.
CREATE TABLE holding (
    document    INTEGER PRIMARY KEY REFERENCES document (id) ON DELETE CASCADE,
    node        INTEGER NOT NULL REFERENCES node (id)
);
CREATE INDEX holding_node ON holding (node);

-- Where each citation leads.
CREATE TABLE edge (
    citation    INTEGER PRIMARY KEY REFERENCES citation (id) ON DELETE CASCADE, -- the evidence
    document    INTEGER NOT NULL,       -- the citing document
    target      INTEGER NOT NULL REFERENCES node (id),
    relation    TEXT NOT NULL,
    outcome     TEXT NOT NULL,          -- resolved, ambiguous, unresolved
    score       REAL NOT NULL,          -- how well the mention fits the target, 0 to 1
    date        TEXT                    -- day of issue of the citing document
);
-- The newest citing documents of a law that thousands cite, without reading the others.
CREATE INDEX edge_target ON edge (target, date, document);
CREATE INDEX edge_ends ON edge (target) WHERE relation IN ('replaces', 'repeals');

-- Other nodes that a citation may mean, best first.
CREATE TABLE rival (
    citation    INTEGER NOT NULL REFERENCES citation (id) ON DELETE CASCADE,
    rank        INTEGER NOT NULL,       -- from 0
    node        INTEGER NOT NULL REFERENCES node (id) ON DELETE CASCADE,
    score       REAL NOT NULL,
    PRIMARY KEY (citation, rank)
) WITHOUT ROWID;
CREATE INDEX rival_node ON rival (node);

-- Blocks whose nodes and edges are due to be made again. Not empty after a killed import; the next
-- command that may write heals it.
CREATE TABLE dirty (block TEXT PRIMARY KEY) WITHOUT ROWID;

-- Settings of the store itself: rules (version of resolution).
CREATE TABLE meta (name TEXT PRIMARY KEY, value) WITHOUT ROWID;

-- The documents that are held, newest first.
CREATE VIEW documents AS
SELECT n.key AS node, d.key, d.kind, d.issuer, d.parent, d.place, d.date, d.subject, d.signer, d.position,
       n.cited, d.pages, d.format, lower(hex(d.digest)) AS digest,
       (SELECT group_concat(path, char(10)) FROM path p WHERE p.document = d.id) AS paths, d.id
FROM document d LEFT JOIN holding h ON h.document = d.id LEFT JOIN node n ON n.id = h.node
ORDER BY d.date DESC;

-- Who cites what, one row for each mention.
CREATE VIEW citations AS
SELECT d.key AS citing, d.issuer AS citing_issuer, d.date AS citing_date, c.relation,
       n.printed AS cited, n.key AS node, n.issuer AS cited_issuer, n.date AS cited_date, c.locator,
       e.outcome, e.score, m.sentence, m.page, m.start, m.stop, c.confidence, d.id AS document, c.id AS citation
FROM citation c
JOIN document d ON d.id = c.document
LEFT JOIN edge e ON e.citation = c.id
LEFT JOIN node n ON n.id = e.target
LEFT JOIN mention m ON m.citation = c.id;

-- The graph alone: one row for each edge, nodes by their keys.
CREATE VIEW edges AS
SELECT s.key AS source, e.relation, t.key AS target, e.outcome, e.score, e.citation
FROM edge e JOIN holding h ON h.document = e.document JOIN node s ON s.id = h.node JOIN node t ON t.id = e.target;

-- Tasks with their units in one line.
CREATE VIEW tasks AS
SELECT t.id AS task, d.key AS document_key, d.issuer, t.text,
       (SELECT group_concat(u.name, '; ') FROM task_unit tu JOIN unit u ON u.id = tu.unit
        WHERE tu.task = t.id AND tu.role = 'lead') AS lead,
       (SELECT group_concat(u.name, '; ') FROM task_unit tu JOIN unit u ON u.id = tu.unit
        WHERE tu.task = t.id AND tu.role = 'coordinate') AS coordinate,
       t.deadline, t.kind, t.due_start, t.due_end, t.inclusive, t.tentative, t.page, d.id AS document
FROM task t JOIN document d ON d.id = t.document;

-- Tasks that are not past their last day today.
CREATE VIEW open_tasks AS
SELECT * FROM tasks
WHERE due_end IS NULL OR due_end > date('now') OR (due_end = date('now') AND inclusive)
ORDER BY due_end IS NULL, due_end;

-- Documents that are cited but not held, the most cited first.
CREATE VIEW wanted AS
SELECT cited, printed, kind, issuer, title, date, year, place, state, key AS node
FROM node WHERE state IN ('cited', 'partial') ORDER BY cited DESC, key;
