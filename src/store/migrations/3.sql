-- From version 2: documents that came in an archive, a mail or an envelope know it.
CREATE TABLE member (
    container   BLOB NOT NULL,
    name        TEXT NOT NULL,
    format      TEXT NOT NULL,
    document    INTEGER NOT NULL REFERENCES document (id) ON DELETE CASCADE,
    PRIMARY KEY (container, name)
) WITHOUT ROWID;
CREATE INDEX member_document ON member (document);
